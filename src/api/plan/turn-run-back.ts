import { answer, defineHandler, refuse } from "#api/handler.ts";
import { noSuchRun } from "#api/plan/get-run.ts";
import { presentRun } from "#api/plan/present-run.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { turnRunBack } from "#contract/plan.ts";

export const turnRunBackHandler = defineHandler(turnRunBack, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.plans.turnRun({ id, reason: call.body.reason }, callOf(call));
  if (result.ok) return answer(200, presentRun(result.value, call.identity));
  if (result.error === "no-such-run") return refuse("no-such-run", noSuchRun(id));
  if (result.error === "already-ended") return refuse("run-ended", `The run ${id} has ended; nothing is left to turn.`);
  return refuse("already-turned", `The run ${id} is on its way back already.`);
});
