import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentNegotiation, talkDetails } from "#api/calendar/present-advice.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { acceptSlot } from "#contract/advice.ts";

export const acceptSlotHandler = defineHandler(acceptSlot, async (deps, call) => {
  const { id, slot } = call.params;
  const input = { id: toDeploymentId(id), proposal: slot, reason: call.body.reason };
  const result = await deps.operations.acceptSlot(input, callOf(call));
  if (result.ok) return answer(200, presentNegotiation(result.value));
  const { error } = result;
  if (error.code === "slot-not-open") {
    const why = error.obstacles.map(({ sentence }) => sentence).join(" ");
    return refuse(error.code, `The slot was open when it was proposed and is no more. ${why} Propose another one.`);
  }
  const details = {
    ...talkDetails,
    "no-such-slot": `Nobody has proposed the slot ${slot} for ${id}.`,
    "slot-withdrawn": `The slot ${slot} was withdrawn. Propose another one.`,
    "own-proposal": "You proposed this slot. The other side has to accept it.",
  };
  return refuse(error.code, details[error.code]);
});
