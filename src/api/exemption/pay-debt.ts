import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentDebt } from "#api/exemption/present.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { payDebt } from "#contract/emergency.ts";

export const payDebtHandler = defineHandler(payDebt, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.exemptions.payDebt({ id, evidence: call.body.evidence }, callOf(call));
  if (result.ok) return answer(200, presentDebt(result.value, call.now));
  const details = {
    "no-such-debt": `There is no debt ${id}. "tidegate debt list" lists them.`,
    "already-paid": `The debt ${id} is paid; its evidence stays what it is.`,
    "own-request": "You opened the emergency, or asked for what it let through. Another person must review it.",
    "own-work": "You made what the emergency let through. Another person must review it.",
    "not-entitled":
      "Reviews of emergencies are recorded by those who may approve them: approver, release-manager, compliance.",
  };
  return refuse(result.error, details[result.error]);
});
