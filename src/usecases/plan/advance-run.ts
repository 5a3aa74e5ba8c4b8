import { isFailure, nextOf, type RunEnd, type StepId } from "#core/plan/advance.ts";
import { heldSteps } from "#core/plan/oversight.ts";
import { stepsOf, type Part } from "#core/plan/plan.ts";
import { isLate, tellLate } from "#usecases/plan/tell-late.ts";
import type { PlanRun, RunStep, StepEnd, StepKept, StepKey } from "#usecases/plan/plan-records.ts";
import { claim, mayBegin, queueLookEvery, release, unfit } from "#usecases/plan/resources.ts";
import { letGoOfTargets } from "#usecases/plan/let-go.ts";
import { stepKey } from "#usecases/plan/step-key.ts";
import type { PlanDeps, Standing, StepContext } from "#usecases/plan/steps/driver.ts";
import { beginStep, cancelStep, lookAtStep } from "#usecases/plan/steps/registry.ts";
import { systemActor, type Records } from "#usecases/records.ts";
import { noteBrokenRehearsal } from "#usecases/rollback/note-broken-rehearsal.ts";

/** Looks at what is due, then moves on as far as the run can go at this instant. The caller has locked the run. */
export async function lookAtRun(deps: PlanDeps, records: Records, run: PlanRun): Promise<void> {
  const at = deps.now();
  const mustTurn = run.turned === null && Temporal.Instant.compare(run.turnAt, at) <= 0;
  const now = mustTurn ? await turnLate(records, run, at) : run;
  let hasFailed = false;
  for (const step of await records.runs.steps(run.id)) {
    if (step.lookAt === null || Temporal.Instant.compare(step.lookAt, at) > 0) continue;
    // Nothing begins behind a failure: what still waits is given up below, what is under way is looked at the next time.
    if (hasFailed && step.part === "forward") continue;
    if (step.state !== "queued") {
      const standing = await lookAtStep(contextOf(deps, records, now, step, at), step);
      await settle(records, now, at, step, standing);
      if (step.part === "forward" && standing.state !== "running" && isFailure(standing.state)) hasFailed = true;
    }
    // Turned back, what waits for its turn on the way forward is given up below.
    else if (now.turned === null || step.part !== "forward") await takeTurn(deps, records, now, step, at);
  }
  await advanceRun(deps, records, now);
  if (isLate(now, at)) await tellLate(records, now.id, at);
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
    const next = nextOf(run.plan, steps, run.turned !== null, heldSteps(run.plan, run.oversight));
    if (next.end !== null) return await endRun(records, run, next.end, steps, at);
    // Each turn ends or begins a step at least, and a plan has a limited number of them.
    let hasMoved = false;
    for (const id of next.cancel) {
      const step = steps.find(({ part, name }) => part === id.part && name === id.name);
      if (step === undefined) continue;
      const standing: Standing =
        step.state === "queued"
          ? { state: "skipped", outcome: "The run turned back before its turn had come." }
          : await cancelStep(contextOf(deps, records, run, step, at), step);
      if (await settle(records, run, at, step, standing)) hasMoved = true;
    }
    for (const id of next.start) if (await begin(deps, records, run, id, at)) hasMoved = true;
    if (!hasMoved) return;
  }
}

/** Begins a step, or puts it into the queue of what it uses. True when it takes no place, so that another may begin. */
async function begin(
  deps: PlanDeps,
  records: Records,
  run: PlanRun,
  { part, name }: StepId,
  at: Temporal.Instant,
): Promise<boolean> {
  const { uses, timeoutSeconds } = planned(run, part, name);
  const deadline = at.add({ seconds: timeoutSeconds });
  const step = { run: run.id, part, name, begunAt: at, deadline };
  const never = await unfit(records, uses);
  if (never === null && uses.length > 0 && !(await claim(records, run, step, uses, at))) {
    await records.runs.beginStep({ ...step, state: "queued", lookAt: at.add(queueLookEvery), deployment: null });
    return true;
  }
  const standing: Standing =
    never === null ? await beginStep(contextOf(deps, records, run, step, at)) : { state: "refused", outcome: never };
  await records.runs.beginStep({ ...step, state: "running", ...begunBy(standing, at) });
  if (standing.state === "running") return false;
  await endStep(records, run, at, step, standing);
  return true;
}

/** A step in the queue begins when it has what it uses, and looks again later when it has not. */
async function takeTurn(
  deps: PlanDeps,
  records: Records,
  run: PlanRun,
  queued: RunStep,
  at: Temporal.Instant,
): Promise<void> {
  const { part, name } = queued;
  const { uses, timeoutSeconds } = planned(run, part, name);
  // What it uses may be gone since. On the way forward the run turns in time; nobody turns the way back.
  const isPast = (end: Temporal.Instant): boolean => Temporal.Instant.compare(at, end) >= 0;
  const isOver = part !== "forward" && isPast(run.deadline) && isPast(queued.deadline);
  const never = (await unfit(records, uses)) ?? (isOver ? "What it uses did not become free in time." : null);
  if (never !== null) return await endStep(records, run, at, queued, { state: "refused", outcome: never });
  // Its place among those that go at once was given to others while it waited.
  const beside = (await records.runs.steps(run.id)).filter((step) => step.part === part && step.state === "running");
  if (beside.length >= run.plan.parallel || !(await mayBegin(records, queued, uses, at))) {
    await records.runs.lookAgain(queued, at.add(queueLookEvery));
    return;
  }
  const step = { run: run.id, part, name, begunAt: at, deadline: at.add({ seconds: timeoutSeconds }) };
  const standing = await beginStep(contextOf(deps, records, run, step, at));
  await records.runs.resumeStep({ ...step, ...begunBy(standing, at) });
  if (standing.state !== "running") await endStep(records, run, at, step, standing);
}

function begunBy(standing: Standing, at: Temporal.Instant) {
  if (standing.state !== "running") return { lookAt: at, deployment: null };
  return { lookAt: standing.lookAt, deployment: standing.deployment ?? null, ...keptBy(standing) };
}

function keptBy({ notes, watches }: StepKept): StepKept {
  return { ...((notes ?? null) === null ? {} : { notes }), ...((watches ?? null) === null ? {} : { watches }) };
}

/** True when the step has ended with it; what it used is free again then. */
async function settle(
  records: Records,
  run: PlanRun,
  at: Temporal.Instant,
  step: StepKey & Pick<RunStep, "lookAt">,
  standing: Standing,
): Promise<boolean> {
  if (standing.state !== "running") {
    await endStep(records, run, at, step, standing);
    return true;
  }
  const kept = keptBy(standing);
  // What stays as it is is not written: a change of a fact that makes it due meanwhile must not be lost.
  const isSame = step.lookAt !== null && standing.lookAt.equals(step.lookAt) && Object.keys(kept).length === 0;
  if (!isSame) await records.runs.lookAgain(step, standing.lookAt, kept);
  return false;
}

async function endStep(
  records: Records,
  run: PlanRun,
  at: Temporal.Instant,
  step: StepKey,
  end: StepEnd,
): Promise<void> {
  await records.runs.endStep(step, at, end);
  const { action, uses } = planned(run, step.part, step.name);
  // A lock that was taken is kept to the end of the run.
  if (action.kind !== "lock" || end.state !== "done") await release(records, step, uses, at);
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
  await endStep(records, run, deps.now(), step, end);
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
  await noteBrokenRehearsal(records, run, outcome, at);
  await letGoOfTargets(records, run, at);
  for (const step of steps) {
    const { action, uses } = planned(run, step.part, step.name);
    if (action.kind === "lock") await release(records, step, uses, at);
  }
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
