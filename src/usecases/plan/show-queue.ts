import { expectedStarts, inOrder } from "#core/plan/resource-queue.ts";
import { expectations, spanOf } from "#usecases/plan/expectations.ts";
import type { QueuePlace } from "#usecases/plan/plan-operations.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import type { Records } from "#usecases/records.ts";

/** Of a resource with many units the holders that have had it longest say enough. */
const maxHolders = 10;
/** Nobody plans by what may be behind so many others: the place in the queue is told, and no time. */
const maxPlaces = 300;

/** Where a step stands in each queue that it waits in: who is before it, who holds what it needs, and when it may begin. */
export async function placesOf(records: Records, step: StepKey, now: Temporal.Instant): Promise<readonly QueuePlace[]> {
  const own = (await records.claims.open(await records.claims.resourcesOf(step))).find((one) => isSame(one.step, step));
  if (own === undefined || own.isHeld) return [];
  const names = own.uses.map(({ resource }) => resource);
  const open = await records.claims.open(names);
  const { resources } = await records.catalog.inForce();
  const capacities = new Map([...resources.values()].map(({ name, capacity }) => [name, capacity]));
  const known = (await records.runs.places(maxPlaces)).filter(({ uses }) =>
    uses.some(({ resource }) => names.includes(resource)),
  );
  const expected = await expectations(records, known, now);
  const starts = expectedStarts(capacities, known, ({ key }) => expected.get(key) ?? { least: 0, most: 0 });
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
        .map((held) => ({ ...held.step, until: known.find(({ key }) => key === held.key)?.deadline ?? null })),
      expected: spanOf(starts.get(own.key), now),
    };
  });
}

function isSame(a: StepKey, b: StepKey): boolean {
  return a.run === b.run && a.part === b.part && a.name === b.name;
}
