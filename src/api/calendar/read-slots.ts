import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentNegotiation } from "#api/calendar/present-advice.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { readSlots } from "#contract/advice.ts";

export const readSlotsHandler = defineHandler(readSlots, async (deps, call) => {
  const id = toDeploymentId(call.params.id);
  const result = await deps.operations.readSlots({ id }, callOf(call));
  if (result.ok) return answer(200, presentNegotiation(result.value));
  return refuse(result.error, `There is no deployment ${id}.`);
});
