import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentExemption } from "#api/exemption/present.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { approveExemption } from "#contract/exemption.ts";

export const approveExemptionHandler = defineHandler(approveExemption, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.exemptions.approveExemption({ id }, callOf(call));
  if (result.ok) return answer(200, presentExemption(result.value, call.now));
  const details = {
    "no-such-exemption": `There is no exemption ${id}. "tidegate exemption list" lists them.`,
    "own-request": `You asked for ${id}. Another person of compliance must approve it.`,
    "exemption-over": `The exemption ${id} has ended or was revoked. A new one has to be requested.`,
    "already-approved": `You have approved ${id} before; nothing is left to do.`,
    "renewals-used-up": `Together with what was approved before, ${id} would renew more often than its type allows. Change the type, or mend what is exempted.`,
  };
  return refuse(result.error, details[result.error]);
});
