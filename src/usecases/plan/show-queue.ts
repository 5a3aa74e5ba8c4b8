import { expectedStarts, inOrder, type Expectation } from "#core/plan/resource-queue.ts";
import type { QueuePlace } from "#usecases/plan/plan-operations.ts";
import type { RunStep, StepClaim, StepKey } from "#usecases/plan/plan-records.ts";
import type { Records } from "#usecases/records.ts";

/** Of a resource with many units the holders that have had it longest say enough. */
const maxHolders = 10;

/** Where a step stands in each queue that it waits in: who is before it, who holds what it needs, and when it may begin. */
export async function placesOf(records: Records, step: StepKey, now: Temporal.Instant): Promise<readonly QueuePlace[]> {
  const own = (await records.claims.open(await records.claims.resourcesOf(step))).find((one) => isSame(one.step, step));
  if (own === undefined || own.isHeld) return [];
  const names = own.uses.map(({ resource }) => resource);
  const open = await records.claims.open(names);
  const { resources } = await records.catalog.inForce();
  const capacities = new Map([...resources.values()].map(({ name, capacity }) => [name, capacity]));
  const rows = await rowsOf(records, open);
  const expectations = new Map<string, Expectation>();
  for (const one of open) expectations.set(one.key, await expectationOf(records, one, rows.get(one.key), now));
  const starts = expectedStarts(capacities, open, ({ key }) => expectations.get(key) ?? { least: 0, most: 0 });
  const start = starts.get(own.key);
  return names.map((resource): QueuePlace => {
    const there = open.filter(({ uses }) => uses.some((use) => use.resource === resource));
    const waiting = inOrder(there.filter(({ isHeld }) => !isHeld));
    return {
      resource,
      capacity: capacities.get(resource) ?? 0,
      position: waiting.findIndex(({ key }) => key === own.key) + 1,
      holders: there
        .filter(({ isHeld }) => isHeld)
        .slice(0, maxHolders)
        .map((held) => ({ ...held.step, until: rows.get(held.key)?.deadline ?? null })),
      expected:
        start === undefined
          ? null
          : { from: now.add({ seconds: Math.round(start.least) }), to: now.add({ seconds: Math.round(start.most) }) },
    };
  });
}

function isSame(a: StepKey, b: StepKey): boolean {
  return a.run === b.run && a.part === b.part && a.name === b.name;
}

async function rowsOf(records: Records, claims: readonly StepClaim[]): Promise<ReadonlyMap<string, RunStep>> {
  const found = new Map<string, RunStep>();
  for (const run of new Set(claims.map(({ step }) => step.run))) {
    for (const row of await records.runs.steps(run)) found.set(`${run}:${row.part}:${row.name}`, row);
  }
  return found;
}

/** By what steps of this name took before; where too little is known, anything up to the time-out. */
async function expectationOf(
  records: Records,
  { step, isHeld }: StepClaim,
  row: RunStep | undefined,
  now: Temporal.Instant,
): Promise<Expectation> {
  const usual = await records.claims.usual(step);
  const limit = row === undefined ? 0 : secondsBetween(row.begunAt, row.deadline);
  const whole = usual ?? { least: 0, most: limit };
  if (!isHeld || row === undefined) return whole;
  const gone = secondsBetween(row.begunAt, now);
  return { least: Math.max(0, whole.least - gone), most: Math.max(0, whole.most - gone) };
}

function secondsBetween(from: Temporal.Instant, to: Temporal.Instant): number {
  return (to.epochMilliseconds - from.epochMilliseconds) / 1000;
}
