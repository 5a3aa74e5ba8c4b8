import type { Reservation } from "#core/plan/reservation.ts";
import { err, ok } from "#core/result.ts";
import type { ReservationOperations } from "#usecases/plan/reservation-operations.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");

export const fakeReservationId = `rsv_${"0".repeat(32)}`;

const reservation: Reservation = {
  id: fakeReservationId,
  place: "environment:prod-emea",
  team: "checkout",
  by: "developer",
  reason: "Tests.",
  from: at,
  to: at.add({ hours: 24 }),
  seats: [1],
  notBefore: null,
};

/** One reservation of prod-emea; every other environment is taken by it as well. */
export function fakeReservations(done: (operation: string) => Promise<void>): ReservationOperations {
  return {
    async reserve({ place, span }) {
      await done("reserve");
      if (place.kind === "resource") return err("no-such-resource");
      if (place.name === "prod-emea") return ok({ kind: "reserved", reservation });
      return ok({ kind: "taken", by: [reservation], options: [{ kind: "later", spans: [span] }] });
    },
    async extendReservation({ id, to }) {
      await done("extendReservation");
      return id === reservation.id
        ? ok({ kind: "reserved", reservation: { ...reservation, to } })
        : err("no-such-reservation");
    },
    async releaseReservation({ id }) {
      await done("releaseReservation");
      return id === reservation.id ? ok({ reservation, moved: [] }) : err("no-such-reservation");
    },
    async arbitrateReservation({ id, team }) {
      await done("arbitrateReservation");
      if (id !== reservation.id) return err({ code: "still-taken", by: [reservation] });
      return ok({ winner: { ...reservation, team }, loser: { ...reservation, notBefore: reservation.from } });
    },
    listContentions: async () => {
      const use = { resource: "db-cluster", booking: "bkg_2", service: "checkout-api", from: at, to: reservation.to };
      return [{ use, capacity: 1, with: ["bkg_1"], options: [{ kind: "later", spans: [reservation] }] }];
    },
    listReservations: async () => [reservation],
  };
}
