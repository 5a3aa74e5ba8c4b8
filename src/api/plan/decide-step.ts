import { answer, defineHandler, refuse } from "#api/handler.ts";
import { notSigned } from "#api/plan/answer-task.ts";
import { noSuchRun } from "#api/plan/get-run.ts";
import { presentRun } from "#api/plan/present-run.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { decideStep } from "#contract/plan-step.ts";

export const decideStepHandler = defineHandler(decideStep, async (deps, call) => {
  const { id } = call.params;
  const { step } = call.body;
  const result = await deps.plans.decideStep({ id, ...call.body }, callOf(call));
  if (result.ok) return answer(200, presentRun(result.value, call.identity));
  const details = {
    "no-such-run": noSuchRun(id),
    "no-such-task": `The step ${step} of ${id} asks for no consent, or has not begun.`,
    "already-answered": `The step ${step} of ${id} has ended; what was decided is final.`,
    "own-request": "You started this run, or answer for it. Another person must decide.",
    "own-work": "You brought this runbook, or made what it releases. Another person must decide.",
    "own-answer": `You answered a step of ${id} and so carry it out. Somebody who did not must decide.`,
    "not-entitled": `The step ${step} asks for other people; "tidegate run show ${id}" names them.`,
    "content-changed": `What would run is not what you were shown. Look at ${id} again and decide anew.`,
    "already-decided": "Your decision on this content is on record and final.",
    "not-signed": notSigned(step),
  };
  return refuse(result.error, details[result.error]);
});
