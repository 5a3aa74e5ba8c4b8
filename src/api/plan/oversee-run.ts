import { answer, defineHandler, refuse } from "#api/handler.ts";
import { noSuchRun } from "#api/plan/get-run.ts";
import { presentRun } from "#api/plan/present-run.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { overseeRun } from "#contract/plan-command.ts";

export const overseeRunHandler = defineHandler(overseeRun, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.plans.overseeRun({ id, ...call.body }, callOf(call));
  if (result.ok) return answer(200, presentRun(result.value, call.identity));
  const { error } = result;
  switch (error.code) {
    case "no-such-run":
      return refuse(error.code, noSuchRun(id));
    case "already-ended":
      return refuse("run-ended", `The run ${id} has ended; nobody has to be present.`);
    case "nobody-asked":
      return refuse("no-overseer-asked", `The runbook of ${id} asks for no overseer, so it goes on without one.`);
    case "not-asked":
      return refuse(error.code, `The runbook of ${id} asks ${error.who}. Somebody of them has to be present.`);
    case "owns-it":
      return refuse("owner-cannot-oversee", `You own ${id}, or began it. Let somebody else oversee it.`);
    case "not-present":
      return refuse(error.code, `You do not oversee ${id}, so there is nothing to leave.`);
  }
});
