import { removeHook } from "#contract/hook.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentHook } from "#api/release/present-hook.ts";
import { callOf } from "#api/release/show-deployment.ts";

export const removeHookHandler = defineHandler(removeHook, async (deps, call) => {
  const removed = await deps.hooks.removeHook(call.params.name, callOf(call));
  if (removed.ok) return answer(200, presentHook(removed.value));
  return refuse(removed.error, `There is no hook ${call.params.name}; tidegate hooks list shows all.`);
});
