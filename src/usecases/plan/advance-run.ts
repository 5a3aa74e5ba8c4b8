import { isFailure, nextOf, type RunEnd, type StepId } from "#core/plan/advance.ts";
import { stepsOf, type Part } from "#core/plan/plan.ts";
import type { PlanRun, RunStep, StepEnd } from "#usecases/plan/plan-records.ts";
import type { PlanDeps, Standing, StepContext } from "#usecases/plan/steps/driver.ts";
import { beginStep, cancelStep, lookAtStep } from "#usecases/plan/steps/registry.ts";
import { systemActor, type Records } from "#usecases/records.ts";

/** Idempotency key of a step, here and at whatever it touches. */
export function stepKey(run: string, { part, name }: StepId): string {
  return `${run}:${part}:${name}`;
}

/** Looks at what is due, then moves on as far as the run can go at this instant. The caller has locked the run. */
export async function lookAtRun(deps: PlanDeps, records: Records, run: PlanRun): Promise<void> {
  const at = deps.now();
  for (const step of await records.runs.steps(run.id)) {
    if (step.lookAt === null || Temporal.Instant.compare(step.lookAt, at) > 0) continue;
    await settle(records, at, step, await lookAtStep(contextOf(deps, records, run, step, at), step));
  }
  const isLate = run.turned === null && Temporal.Instant.compare(run.turnAt, at) <= 0;
  await advanceRun(deps, records, isLate ? await turnLate(records, run, at) : run);
}

async function turnLate(records: Records, run: PlanRun, at: Temporal.Instant): Promise<PlanRun> {
  const turned = { by: systemActor.person, at, reason: "The way back would not be over in time if it began later." };
  await records.runs.turn(run.id, turned);
  return { ...run, turned };
}

/** Begins, cancels and ends whatever the record asks for, until something has to be waited for. */
export async function advanceRun(deps: PlanDeps, records: Records, run: PlanRun): Promise<void> {
  for (;;) {
    const at = deps.now();
    const steps = await records.runs.steps(run.id);
    const next = nextOf(run.plan, steps, run.turned !== null);
    if (next.end !== null) return await endRun(records, run, next.end, steps, at);
    // Each turn ends or begins a step at least, and a plan has a limited number of them.
    let hasMoved = false;
    for (const id of next.cancel) {
      const step = steps.find(({ part, name }) => part === id.part && name === id.name);
      if (step === undefined) continue;
      const standing = await cancelStep(contextOf(deps, records, run, step, at), step);
      hasMoved ||= await settle(records, at, step, standing);
    }
    for (const id of next.start) hasMoved = (await begin(deps, records, run, id, at)) || hasMoved;
    if (!hasMoved) return;
  }
}

/** True when it is over already. */
async function begin(
  deps: PlanDeps,
  records: Records,
  run: PlanRun,
  { part, name }: StepId,
  at: Temporal.Instant,
): Promise<boolean> {
  const deadline = at.add({ seconds: planned(run, part, name).timeoutSeconds });
  const context = contextOf(deps, records, run, { part, name, deadline }, at);
  const standing = await beginStep(context);
  const isRunning = standing.state === "running";
  const begun = { run: run.id, part, name, begunAt: at, deadline };
  const deployment = isRunning ? (standing.deployment ?? null) : null;
  await records.runs.beginStep({ ...begun, lookAt: isRunning ? standing.lookAt : at, deployment });
  if (isRunning) return false;
  await records.runs.endStep(begun, at, standing);
  return true;
}

/** True when the step has ended with it. */
async function settle(records: Records, at: Temporal.Instant, step: RunStep, standing: Standing): Promise<boolean> {
  if (standing.state !== "running") {
    await records.runs.endStep(step, at, standing);
    return true;
  }
  if (step.lookAt === null || !standing.lookAt.equals(step.lookAt)) await records.runs.lookAgain(step, standing.lookAt);
  return false;
}

/** Ends a step that somebody or something outside has answered, and moves on. False when it had ended before. */
export async function answerStep(
  deps: PlanDeps,
  records: Records,
  run: PlanRun,
  id: StepId,
  end: StepEnd,
): Promise<boolean> {
  const step = (await records.runs.steps(run.id)).find(({ part, name }) => part === id.part && name === id.name);
  if (step?.state !== "running") return false;
  await records.runs.endStep(step, deps.now(), end);
  await advanceRun(deps, records, run);
  return true;
}

function contextOf(
  deps: PlanDeps,
  records: Records,
  run: PlanRun,
  step: Pick<RunStep, "part" | "name" | "deadline">,
  at: Temporal.Instant,
): StepContext {
  const { part, name, deadline } = step;
  const found = planned(run, part, name);
  return { deps, records, run, part, step: found, action: found.action, key: stepKey(run.id, step), at, deadline };
}

function planned({ id, plan }: PlanRun, part: Part, name: string) {
  const found = stepsOf(plan, part).find((step) => step.name === name);
  if (found === undefined) throw new Error(`the plan of ${id} has no step ${part}/${name}`);
  return found;
}

async function endRun(
  records: Records,
  run: PlanRun,
  state: RunEnd,
  steps: readonly RunStep[],
  at: Temporal.Instant,
): Promise<void> {
  const outcome = sayEnd(run, state, steps);
  await records.runs.end(run.id, { state, at, outcome });
  await records.audit.append({
    at,
    actor: systemActor,
    action: "run.end",
    object: run.id,
    outcome: state,
    reason: outcome,
    verdict: null,
    requestId: null,
    before: { state: run.state },
    after: { state, steps: steps.map(({ part, name, state: was }) => `${part}/${name} ${was}`) },
  });
}

function sayEnd({ turned }: PlanRun, state: RunEnd, steps: readonly RunStep[]): string {
  const failed = steps.find((step) => isFailure(step.state));
  const because = failed === undefined ? "" : `${failed.name} failed: ${failed.outcome ?? ""}`;
  const turning = turned === null ? because : `${turned.by} turned it back: ${turned.reason}`;
  switch (state) {
    case "succeeded":
      return `All ${steps.length} steps are over.`;
    case "failed":
      return `${because} Nothing had been changed.`;
    case "aborted":
      return `${turning} ${steps.some(({ part }) => part !== "forward") ? "The way back is done." : "Nothing had been changed."}`;
    case "rolled-back":
      return `${because} The way back is done.`;
    case "needs-human": {
      const lost = steps.find((step) => step.part !== "forward" && isFailure(step.state));
      return `${because} On the way back ${lost?.name ?? "a step"} failed: ${lost?.outcome ?? ""} Somebody has to look at what is there.`;
    }
  }
}
