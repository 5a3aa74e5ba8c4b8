import { answerStep } from "#usecases/plan/advance-run.ts";
import { finishAct, prepareAct } from "#usecases/plan/make-act.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import { keyOfStep } from "#usecases/plan/step-key.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import { systemActor, type Records, type Transact } from "#usecases/records.ts";

export interface RescueStepsDeps extends PlanDeps {
  readonly transact: Transact;
  /** Keys of the steps whose durable call will do nothing more, without having ended them, by the engine. */
  readonly brokenCalls: () => Promise<readonly string[]>;
}

const outcome = "Its call broke off without an answer; what became of it is not known.";

/**
 * Ends steps that wait for the answer of a call that nobody makes any more, instead of leaving them to their time-out.
 * Unknown is no success: the run turns back. Runs on a timer on every worker; returns how many were found.
 */
export function makeRescueSteps(deps: RescueStepsDeps): () => Promise<number> {
  return async () => {
    let found = 0;
    for (const key of await deps.brokenCalls()) {
      const id = keyOfStep(key);
      if (id !== null && (await deps.transact((records) => rescue(deps, records, id)))) found++;
    }
    return found;
  };
}

async function rescue(deps: RescueStepsDeps, records: Records, id: StepKey): Promise<boolean> {
  const run = await records.runs.findForUpdate(id.run);
  const step = (await records.runs.steps(id.run)).find(({ part, name }) => part === id.part && name === id.name);
  if (run === null || run.endedAt !== null || step?.state !== "running") return false;
  await records.audit.append({
    at: deps.now(),
    actor: systemActor,
    action: "run.rescue",
    object: `${id.run}/${id.part}/${id.name}`,
    outcome: "failed",
    reason: outcome,
    verdict: null,
    requestId: null,
    before: { state: step.state },
    after: { state: "failed" },
  });
  const act = await prepareAct(records, id);
  if (act === null) await answerStep(deps, records, run, id, { state: "failed", outcome });
  else await finishAct(deps, records, act, { state: "failed", outcome, output: null, live: null });
  return true;
}
