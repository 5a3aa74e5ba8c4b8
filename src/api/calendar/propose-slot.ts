import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentNegotiation, sayClosed, talkDetails } from "#api/calendar/present-advice.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { proposeSlot } from "#contract/advice.ts";

export const proposeSlotHandler = defineHandler(proposeSlot, async (deps, call) => {
  const from = Temporal.Instant.from(call.body.from);
  const input = { id: toDeploymentId(call.params.id), from, reason: call.body.reason };
  const result = await deps.operations.proposeSlot(input, callOf(call));
  if (result.ok) return answer(200, presentNegotiation(result.value));
  const { error } = result;
  if (error.code === "slot-not-open") return refuse(error.code, sayClosed(error, from));
  return refuse(error.code, talkDetails[error.code]);
});
