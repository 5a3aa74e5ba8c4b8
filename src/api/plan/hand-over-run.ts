import { answer, defineHandler, refuse } from "#api/handler.ts";
import { noSuchRun } from "#api/plan/get-run.ts";
import { presentRun } from "#api/plan/present-run.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { handOverRun } from "#contract/plan.ts";

export const handOverRunHandler = defineHandler(handOverRun, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.plans.handOverRun({ id, ...call.body }, callOf(call));
  if (result.ok) return answer(200, presentRun(result.value, call.identity));
  if (result.error === "no-such-run") return refuse("no-such-run", noSuchRun(id));
  if (result.error === "already-ended") return refuse("run-ended", `The run ${id} has ended; nobody has to own it.`);
  if (result.error === "oversees-it") {
    const { to } = call.body;
    return refuse("oversees-it", `${to} oversees ${id}. Name somebody else, or let another overseer come first.`);
  }
  if (result.error === "has-approved") {
    const { to } = call.body;
    return refuse("has-approved", `${to} has approved in ${id}, and who owns a run never counts. Name somebody else.`);
  }
  return refuse("no-such-person", `There is no person ${call.body.to}.`);
});
