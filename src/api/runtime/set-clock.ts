import { answer, defineHandler, refuse } from "#api/handler.ts";
import { setClock } from "#contract/runtime.ts";

export const setClockHandler = defineHandler(setClock, async (deps, call) => {
  const to = Temporal.Instant.from(call.body.now);
  const { actor } = call.identity;
  const result = await deps.clock.set(to, { actor, requestId: call.requestId });
  if (result.ok) return answer(200, { now: result.value.now.toString(), shiftMs: result.value.shiftMs });
  return refuse(result.error, "Only a demonstration (`npm start`) or a test can set its clock.");
});
