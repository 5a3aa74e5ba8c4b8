import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentEmergency } from "#api/exemption/present.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { approveEmergency } from "#contract/emergency.ts";

export const approveEmergencyHandler = defineHandler(approveEmergency, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.exemptions.approveEmergency({ id }, callOf(call));
  if (result.ok) return answer(200, presentEmergency(result.value, call.now));
  const { error } = result;
  if (typeof error !== "string") {
    const detail = `Nothing was approved: of ${id} ${error.gaps.join(", and ")}. Open a ticket that says all of it.`;
    return refuse(error.code, detail);
  }
  const details = {
    "no-such-emergency": `There is no emergency ${id}. "tidegate emergency list" lists them.`,
    "own-request": `You opened ${id}. Another person must approve it.`,
    "own-work": "You wrote what would be deployed. Another person must approve it.",
    "not-on-duty": `You are on duty for no team that ${id} concerns. Ask whom the rota names, or compliance.`,
    "already-approved": `You have approved ${id} before; nothing is left to do.`,
    "permission-over": `The permission of ${id} is over. Open a new ticket.`,
  };
  return refuse(error, details[error]);
});
