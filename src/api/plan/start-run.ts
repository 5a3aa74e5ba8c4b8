import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentRun } from "#api/plan/present-run.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { startRun } from "#contract/plan.ts";

export const startRunHandler = defineHandler(startRun, async (deps, call) => {
  const { runbook, owner } = call.body;
  const result = await deps.plans.startRun(call.body, callOf(call));
  if (result.ok) return answer(201, presentRun(result.value, call.identity));
  const details = {
    "no-such-runbook": `There is no runbook ${runbook}. "tidegate runbook list" shows those in force.`,
    "no-such-person": `There is no person ${owner ?? ""} who could answer for the run.`,
    "may-not-hurry": "Only those who may open an emergency go first in queues. Leave urgent out.",
    "too-many-runs": "As many runs are under way as are looked at. Let some end first.",
  };
  const { error } = result;
  if (typeof error === "string") return refuse(error, details[error]);
  const { step, needsSeconds, longestSeconds } = error;
  const why = `The step ${step} of ${runbook} waits for a window; what comes behind it needs ${needsSeconds} s, and no opening lasts longer than ${longestSeconds} s.`;
  return refuse(error.code, `${why} Shorten the time-outs behind it, say how long it needs, or split the runbook.`);
});
