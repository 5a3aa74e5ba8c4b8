import { grantsOf, type ResourceUse } from "#core/plan/resource-queue.ts";
import type { PlanRun, StepKey } from "#usecases/plan/plan-records.ts";
import type { Records } from "#usecases/records.ts";

/** Of work on the way back, whatever its run has: it makes room for everybody. */
const wayBackPriority = 50;
/** A queued step is told when it may begin; this is how often it looks all the same. */
export const queueLookEvery = { seconds: 15 } as const;

/** Why a step can never have what it uses; null when it can. */
export async function unfit(records: Records, uses: readonly ResourceUse[]): Promise<string | null> {
  if (uses.length === 0) return null;
  const { resources } = await records.catalog.inForce();
  for (const { resource, units } of uses) {
    const capacity = resources.get(resource)?.capacity;
    if (capacity === undefined) return `There is no resource ${resource} any more.`;
    if (units > capacity) return `It uses ${units} of ${resource}, which has ${capacity}.`;
  }
  return null;
}

/** Joins the queue of everything that the step uses; true when it may begin at once. */
export async function claim(
  records: Records,
  run: PlanRun,
  step: StepKey,
  uses: readonly ResourceUse[],
  at: Temporal.Instant,
): Promise<boolean> {
  const priority = step.part === "forward" ? run.priority : Math.min(run.priority, wayBackPriority);
  await records.claims.insert(step, uses, priority, at);
  return await mayBegin(records, step, uses, at);
}

/** Looks again whether a step in the queue may begin. */
export async function mayBegin(
  records: Records,
  step: StepKey,
  uses: readonly ResourceUse[],
  at: Temporal.Instant,
): Promise<boolean> {
  if (await records.claims.isHeld(step)) return true;
  await serve(records, uses, at);
  return await records.claims.isHeld(step);
}

/** Gives back what a step used, or waited for, and lets those behind it begin. */
export async function release(
  records: Records,
  step: StepKey,
  uses: readonly ResourceUse[],
  at: Temporal.Instant,
): Promise<void> {
  if (uses.length === 0) return;
  await records.claims.release(step, at);
  await serve(records, uses, at);
}

/** Everybody whose turn it is gets what he waits for, under rising fencing numbers, and is looked at at once. */
async function serve(records: Records, uses: readonly ResourceUse[], at: Temporal.Instant): Promise<void> {
  const open = await lockedClaims(records, uses);
  const { resources } = await records.catalog.inForce();
  const capacities = new Map([...resources.values()].map(({ name, capacity }) => [name, capacity]));
  for (const { key } of grantsOf(capacities, open)) {
    const granted = open.find((one) => one.key === key);
    if (granted === undefined) continue;
    await records.claims.hold(granted.step, at);
    await records.runs.wakeQueued(granted.step, at);
  }
}

/** The queues of these resources, and of all that somebody in them waits for as well: locked, so that they stand still. */
async function lockedClaims(records: Records, uses: readonly ResourceUse[]) {
  const locked = new Set<string>();
  let wanted = new Set(uses.map(({ resource }) => resource));
  for (;;) {
    await records.claims.lock([...wanted.difference(locked)].toSorted());
    for (const name of wanted) locked.add(name);
    const open = await records.claims.open([...locked]);
    wanted = new Set(open.flatMap((one) => one.uses.map(({ resource }) => resource)));
    if (wanted.isSubsetOf(locked)) return open;
  }
}
