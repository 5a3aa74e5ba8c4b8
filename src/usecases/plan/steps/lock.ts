import type { Lock } from "#core/plan/guard.ts";
import { isBefore } from "#core/span.ts";
import type { PlanRun, StepKey } from "#usecases/plan/plan-records.ts";
import type { Standing, StepContext, StepDriver } from "#usecases/plan/steps/driver.ts";
import type { Records } from "#usecases/records.ts";
import { environmentLock } from "#usecases/rollout/begin-run.ts";

/** A lock that is held is looked for again soon; whoever gives it back wakes the step all the same. */
const lockedPause = { seconds: 5 } as const;

/**
 * What is shared is granted by its queue before the step begins; environments are taken here, all of them or none. Both are
 * kept to the end of the run, under rising numbers that its calls carry.
 */
export const lock: StepDriver<Lock> = {
  begin: take,
  look: take,
  cancel: () => Promise.resolve({ state: "skipped", outcome: "The run turned back before it had the lock." }),
};

async function take(context: StepContext<Lock>): Promise<Standing> {
  const { records, run, action, at, deadline } = context;
  const fences = new Map(await records.claims.fences({ run: run.id, part: context.part, name: context.step.name }));
  const before = new Set(await records.locks.heldBy(run.id));
  for (const environment of action.environments) {
    const key = environmentLock(environment);
    const taken = await records.locks.take(key, run.id, run.deadline);
    if (taken.taken) {
      fences.set(key, taken.fence);
      continue;
    }
    // All of them or none; what the run held before this step it keeps.
    for (const held of fences.keys()) if (!before.has(held)) await records.locks.release(held, run.id);
    const why = `The lock of ${environment} is held by ${taken.by.holder}.`;
    if (!isBefore(at, deadline)) return { state: "refused", outcome: `It was not free in time. ${why}` };
    const next = at.add(lockedPause);
    const lookAt = isBefore(next, deadline) ? next : deadline;
    const notes = { waits: { because: [why], until: null, needsSeconds: 0 } };
    return { state: "running", lookAt, notes, watches: { environment, services: [], digests: [] } };
  }
  const held = [...fences].map(([name, fence]) => `${name} under number ${fence}`);
  return { state: "done", outcome: `The run holds ${held.join(", ")} to its end.`, notes: {} };
}

/** Steps of the run that have taken a lock, which it keeps. */
export async function locksTaken(
  records: Records,
  run: PlanRun,
): Promise<readonly { readonly name: string; readonly action: Lock }[]> {
  const planned = run.plan.steps.flatMap(({ name, action }) => (action.kind === "lock" ? [{ name, action }] : []));
  if (planned.length === 0) return [];
  const begun = await records.runs.steps(run.id);
  return planned.filter(({ name }) =>
    begun.some((one) => one.part === "forward" && one.name === name && one.state === "done"),
  );
}

/** The numbers under which a step, or its run, holds what it uses: the receiver refuses a lower one. */
export async function fencesOf(
  records: Records,
  run: PlanRun,
  step: StepKey,
): Promise<Readonly<Record<string, number>>> {
  const fences = new Map(await records.claims.fences(step));
  for (const { name, action } of await locksTaken(records, run)) {
    for (const [resource, fence] of await records.claims.fences({ run: run.id, part: "forward", name })) {
      fences.set(resource, fence);
    }
    for (const environment of action.environments) {
      const key = environmentLock(environment);
      const own = await records.locks.take(key, run.id, run.deadline);
      if (own.taken) fences.set(key, own.fence);
    }
  }
  return Object.fromEntries(fences);
}
