import { expectedStarts } from "#core/plan/resource-queue.ts";
import { expectations, spanOf } from "#usecases/plan/expectations.ts";
import type { PlanOperations, ResourceQueue } from "#usecases/plan/plan-operations.ts";
import type { Transact } from "#usecases/records.ts";

/** As many as a page shows; who holds something comes first, so what is left out waits. */
const maxPlaces = 300;

/** What is shared, by name: who uses it, who waits for it and when they may begin. */
export function makeListResources(deps: {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}): PlanOperations["listResources"] {
  return () =>
    deps.transact(async (records) => {
      const now = deps.now();
      const { resources } = await records.catalog.inForce();
      const capacities = new Map([...resources.values()].map(({ name, capacity }) => [name, capacity]));
      const open = await records.runs.places(maxPlaces);
      const expected = await expectations(records, open, now);
      const starts = expectedStarts(capacities, open, ({ key }) => expected.get(key) ?? { least: 0, most: 0 });
      return [...resources.values()]
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((resource): ResourceQueue => {
          const there = open.filter(({ uses }) => uses.some((use) => use.resource === resource.name));
          const waiting = there
            .filter(({ isHeld }) => !isHeld)
            .map((place) => ({ ...place, expected: spanOf(starts.get(place.key), now) }));
          return { resource, holders: there.filter(({ isHeld }) => isHeld), waiting };
        });
    });
}
