import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { withdrawSwap } from "#contract/cover.ts";

export const withdrawSwapHandler = defineHandler(withdrawSwap, async (deps, call) => {
  const { swap } = call.params;
  const result = await deps.operations.withdrawSwap({ id: swap, reason: call.body.reason }, callOf(call));
  if (result.ok) return answer(200, result.value);
  return refuse(result.error, `There is no swap ${swap}, or it was withdrawn before.`);
});
