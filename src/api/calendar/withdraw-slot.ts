import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentNegotiation, talkDetails } from "#api/calendar/present-advice.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { withdrawSlot } from "#contract/advice.ts";

export const withdrawSlotHandler = defineHandler(withdrawSlot, async (deps, call) => {
  const { id, slot } = call.params;
  const input = { id: toDeploymentId(id), proposal: slot, reason: call.body.reason };
  const result = await deps.operations.withdrawSlot(input, callOf(call));
  if (result.ok) return answer(200, presentNegotiation(result.value));
  const details = {
    ...talkDetails,
    "no-such-slot": `Nobody has proposed the slot ${slot} for ${id}.`,
    "slot-withdrawn": `The slot ${slot} is withdrawn already.`,
    "not-your-slot": "Only who proposed or accepted a slot withdraws it.",
  };
  return refuse(result.error.code, details[result.error.code]);
});
