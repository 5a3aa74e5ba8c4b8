import { stepsOf } from "#core/plan/plan.ts";
import { answerStep } from "#usecases/plan/advance-run.ts";
import { stepKey } from "#usecases/plan/step-key.ts";
import type { StepEnd, StepKey } from "#usecases/plan/plan-records.ts";
import { fencesOf } from "#usecases/plan/steps/lock.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Records, Transact } from "#usecases/records.ts";

/** What an http step sends; survives JSON. The secret that signs it is read when it is sent. */
export interface OutgoingCall {
  readonly url: string;
  /** The idempotency key. */
  readonly key: string;
  readonly body: string;
  readonly attempts: number;
}

/** The call of a step that is still under way; null when it has ended in the meantime. */
export async function prepareCall(records: Records, id: StepKey): Promise<OutgoingCall | null> {
  const run = await records.runs.findForUpdate(id.run);
  const begun = (await records.runs.steps(id.run)).find(({ part, name }) => part === id.part && name === id.name);
  const step = run === null ? undefined : stepsOf(run.plan, id.part).find(({ name }) => name === id.name);
  if (run === null || step?.action.kind !== "http" || begun?.state !== "running") return null;
  const key = stepKey(run.id, id);
  const { url, body: input } = step.action;
  const fences = await fencesOf(records, run, id);
  // What one alone may use is held under one number; of what several may use together the lower ones count as well.
  const floors = { ...fences, ...Object.fromEntries(await records.claims.floors(Object.keys(fences))) };
  const message = {
    type: "run.step",
    run: run.id,
    runbook: run.runbook,
    part: id.part,
    step: id.name,
    key,
    fences,
    floors,
    input,
  };
  return { url, key, body: JSON.stringify(message), attempts: step.attempts };
}

/**
 * True while the step waits for the answer of its call. Asked before each attempt: what has timed out, or was turned back
 * and undone meanwhile, must not have its effect behind that.
 */
export function makeIsAwaited(transact: Transact): (id: StepKey) => Promise<boolean> {
  return ({ run, part, name }) =>
    transact(async (records) => {
      const step = (await records.runs.steps(run)).find((one) => one.part === part && one.name === name);
      return step?.state === "running";
    });
}

/** How the step ended; a step that has ended already keeps its end: the answer came too late. */
export async function finishCall(deps: PlanDeps, records: Records, id: StepKey, end: StepEnd): Promise<string> {
  const run = await records.runs.findForUpdate(id.run);
  if (run === null || run.endedAt !== null) return "late";
  return (await answerStep(deps, records, run, id, end)) ? end.state : "late";
}
