import type { Pool } from "pg";
import { newId } from "#runtime/ids.ts";
import { readWork } from "#store/mirror/shared-work.ts";
import { listReservations, maxReservations } from "#store/reservation.ts";
import { readSnapshot } from "#store/sql.ts";
import {
  makeArbitrateReservation,
  makeExtendReservation,
  makeReleaseReservation,
} from "#usecases/plan/change-reservation.ts";
import { makeListContentions } from "#usecases/plan/list-contentions.ts";
import type { ReservationOperations } from "#usecases/plan/reservation-operations.ts";
import { makeReserve } from "#usecases/plan/reserve.ts";
import type { Transact } from "#usecases/records.ts";

/** Who has an environment or a shared resource for a span. */
export function bindReservations(pool: Pool, transact: Transact, now: () => Temporal.Instant): ReservationOperations {
  const deps = { now, transact, maxReservations, newReservationId: () => newId("reservation") };
  return {
    reserve: makeReserve(deps),
    extendReservation: makeExtendReservation(deps),
    releaseReservation: makeReleaseReservation(deps),
    arbitrateReservation: makeArbitrateReservation(deps),
    listContentions: makeListContentions({
      now,
      transact,
      openWork: async () =>
        (await readSnapshot(pool, (client) => readWork(client, null, now()))).filter(({ isOpen }) => isOpen),
      reservationsOf: (place) =>
        readSnapshot(pool, (client) => listReservations(client, { place, now: now(), limit: maxReservations })),
    }),
    listReservations: ({ place, limit }) =>
      readSnapshot(pool, (client) => listReservations(client, { place, limit, now: now() })),
  };
}
