import { replayHookDelivery } from "#contract/hook.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentDelivery } from "#api/release/present-hook.ts";
import { callOf } from "#api/release/show-deployment.ts";

export const replayHookDeliveryHandler = defineHandler(replayHookDelivery, async (deps, call) => {
  const replayed = await deps.hooks.replay(call.params.id, callOf(call));
  if (replayed.ok) return answer(202, presentDelivery(replayed.value));
  return refuse(replayed.error, `There is no delivery ${call.params.id}; tidegate hooks deliveries shows all.`);
});
