import { answer, defineHandler, refuse } from "#api/handler.ts";
import { noSuchRun } from "#api/plan/get-run.ts";
import { presentRun } from "#api/plan/present-run.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { answerTask } from "#contract/plan.ts";

export function notSigned(step: string): string {
  return `The step ${step} needs a signature of exactly this answer, at most five minutes old and not used before.`;
}

export const answerTaskHandler = defineHandler(answerTask, async (deps, call) => {
  const { id } = call.params;
  const { step } = call.body;
  const result = await deps.plans.answerTask({ id, ...call.body }, callOf(call));
  if (result.ok) return answer(200, presentRun(result.value, call.identity));
  const { error } = result;
  switch (error.code) {
    case "no-such-run":
      return refuse(error.code, noSuchRun(id));
    case "no-such-task":
      return refuse(error.code, `The step ${step} of ${id} asks nobody, or has not begun.`);
    case "already-answered":
      return refuse(error.code, `The step ${step} of ${id} has ended; its answer is final.`);
    case "not-signed":
      return refuse(error.code, notSigned(step));
    case "not-asked":
      return refuse(error.code, `The step ${step} asks ${error.who}. Somebody of them has to answer.`);
    case "own-consent":
      return refuse(error.code, `You approved what ${id} does. Somebody who did not must answer the step ${step}.`);
    case "bad-answer":
      return refuse(error.code, `The answer does not fit the form: ${error.problems.join(" ")}`, {
        problems: error.problems,
      });
  }
});
