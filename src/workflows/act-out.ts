import type { ActAnswer } from "#core/plan/act-request.ts";
import { finishAct, prepareAct, standingOf, type OpenAct } from "#usecases/plan/make-act.ts";
import type { ActDeps } from "#usecases/plan/act-deps.ts";
import { performAct } from "#usecases/plan/perform-act.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Records } from "#usecases/records.ts";
import type { Flow, Workflow } from "#workflows/flow.ts";

/** Name of the queue; its partition is the step, so a step acts once at a time. */
export const actQueue = "acts";

/**
 * What a step does at a target: asked at least once under one key and one number, as often as the plan allows, and the
 * answer ends the step. The target tells repetitions by the key, and who comes too late by the number.
 */
export function makeActOut(deps: PlanDeps & ActDeps): Workflow<Records, StepKey, string> {
  return {
    name: "act-out",
    body: async (flow, id) => {
      const act = await flow.tx("prepare", (records) => prepareAct(records, id));
      if (act === null) return "late";
      const answer = await perform(deps, flow, act);
      return await flow.tx("record", (records) => finishAct(deps, records, act, answer));
    },
  };
}

const tooLate: ActAnswer = {
  state: "failed",
  outcome: "The step had ended before it could act.",
  output: null,
  live: null,
};

async function perform(deps: ActDeps, flow: Flow<Records>, act: OpenAct): Promise<ActAnswer> {
  const retry = { maxAttempts: act.attempts, firstDelayMs: 500, backoff: 3 };
  // A repetition may come long after the first, or from another worker: what has ended must have no effect any more.
  const attempt = async (): Promise<ActAnswer> =>
    (await standingOf(deps.transact, act.id)) === "ended" ? tooLate : await performAct(deps, act);
  try {
    return await flow.step("act", attempt, retry);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { state: "failed", outcome: `${why} What became of it is not known.`, output: null, live: null };
  }
}
