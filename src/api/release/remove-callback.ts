import { removeCallback } from "#contract/hook.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentCallback } from "#api/release/present-hook.ts";
import { callOf } from "#api/release/show-deployment.ts";

export const removeCallbackHandler = defineHandler(removeCallback, async (deps, call) => {
  const removed = await deps.hooks.removeCallback(call.params.name, callOf(call));
  if (removed.ok) return answer(200, presentCallback(removed.value));
  return refuse(removed.error, `There is no callback ${call.params.name}; tidegate callbacks list shows all.`);
});
