import { contentionsOn, type Contention } from "#core/plan/contention.ts";
import { reservedResource, type Reservation } from "#core/plan/reservation.ts";
import { capacityResources, usageOf, type BookedWork } from "#core/policy/booked-work.ts";
import type { Policy } from "#core/policy/policy.ts";
import type { Transact } from "#usecases/records.ts";
import type { ReservationOperations } from "#usecases/plan/reservation-operations.ts";

export interface ContentionDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  /** All that is booked and has not ended. */
  readonly openWork: () => Promise<readonly BookedWork[]>;
  readonly reservationsOf: (place: string) => Promise<readonly Reservation[]>;
}

/** More than anybody decides at once; the earliest are shown. */
const maxContentions = 500;

/** Over all resources that policies count, by resource; how many may use one says the strictest policy that names it. */
export function makeListContentions(deps: ContentionDeps): ReservationOperations["listContentions"] {
  return async () => {
    const now = deps.now();
    const organisation = await deps.transact((records) => records.catalog.inForce());
    const { policies, services } = organisation;
    const resources = capacityResources(policies);
    if (resources.size === 0) return [];
    const uses = usageOf(policies, resources, await deps.openWork(), organisation);
    const found: Contention[] = [];
    for (const resource of [...resources].toSorted()) {
      const shared = {
        capacity: capacityOf(policies, resource),
        uses: uses.filter((use) => use.resource === resource),
        reservations: await deps.reservationsOf(reservedResource(resource)),
        teamOf: (service: string): string | null => services.get(service)?.team ?? null,
      };
      found.push(...contentionsOn(shared, now));
    }
    return found.slice(0, maxContentions);
  };
}

function capacityOf(policies: readonly Policy[], resource: string): number {
  const bounds = policies.flatMap(({ settings }) => settings.capacity.filter((one) => one.resource === resource));
  return Math.min(...bounds.map(({ max }) => max));
}
