import { rotateHook } from "#contract/hook.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentHook } from "#api/release/present-hook.ts";
import { callOf } from "#api/release/show-deployment.ts";

export const rotateHookHandler = defineHandler(rotateHook, async (deps, call) => {
  const rotated = await deps.hooks.rotateHook(call.params.name, callOf(call));
  if (rotated.ok) return answer(200, { hook: presentHook(rotated.value.hook), secret: rotated.value.secret });
  return refuse(rotated.error, `There is no hook ${call.params.name}; tidegate hooks list shows all.`);
});
