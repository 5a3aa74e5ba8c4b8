import { isFailure } from "#core/plan/advance.ts";
import type { ActAnswer, ActRequest } from "#core/plan/act-request.ts";
import { stepsOf } from "#core/plan/plan.ts";
import { answerStep } from "#usecases/plan/advance-run.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import { stepKey } from "#usecases/plan/step-key.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Records, Transact } from "#usecases/records.ts";

/** What a step does at a target, and under what authority; survives JSON. */
export interface OpenAct {
  readonly id: StepKey;
  /** The idempotency key. */
  readonly key: string;
  readonly fence: number;
  readonly request: ActRequest;
  readonly attempts: number;
  /** ISO 8601, domain clock. */
  readonly deadline: string;
}

/** The act of a step that is still under way; null when it has ended in the meantime. */
export async function prepareAct(records: Records, id: StepKey): Promise<OpenAct | null> {
  const run = await records.runs.findForUpdate(id.run);
  const begun = (await records.runs.steps(id.run)).find(({ part, name }) => part === id.part && name === id.name);
  const step = run === null ? undefined : stepsOf(run.plan, id.part).find(({ name }) => name === id.name);
  const act = await records.acts.find(id);
  if (step === undefined || begun?.state !== "running" || act === null || act.fence === null) return null;
  const { fence, request } = act;
  const { attempts } = step;
  return { id, key: stepKey(id.run, id), fence, request, attempts, deadline: begun.deadline.toString() };
}

/** `turned`: the run turns back, so what can end without harm ends. `ended`: nobody waits for an answer any more. */
export type ActStanding = "open" | "turned" | "ended";

export function standingOf(transact: Transact, id: StepKey): Promise<ActStanding> {
  return transact((records) => standingIn(records, id));
}

export async function standingIn(records: Records, id: StepKey): Promise<ActStanding> {
  const run = await records.runs.find(id.run);
  const steps = await records.runs.steps(id.run);
  const own = steps.find(({ part, name }) => part === id.part && name === id.name);
  if (run === null || own?.state !== "running") return "ended";
  if (id.part !== "forward") return "open";
  const isTurning = run.turned !== null || steps.some(({ part, state }) => part === "forward" && isFailure(state));
  return isTurning ? "turned" : "open";
}

/** How the step ended; a step that has ended already keeps its end: the answer came too late. */
export async function finishAct(deps: PlanDeps, records: Records, act: OpenAct, answer: ActAnswer): Promise<string> {
  const { id, request } = act;
  const run = await records.runs.findForUpdate(id.run);
  if (run === null || run.endedAt !== null) return "late";
  const begun = (await records.runs.steps(id.run)).find(({ part, name }) => part === id.part && name === id.name);
  if (begun?.state !== "running") return "late";
  await records.acts.answer(id, answer);
  if (answer.live !== null) {
    const { service, environment } = request;
    await records.inventory.record({ service, environment, ...answer.live, at: deps.now(), deployment: null });
  }
  await answerStep(deps, records, run, id, { state: answer.state, outcome: answer.outcome });
  return answer.state;
}
