import type { Reservation } from "#core/plan/reservation.ts";
import {
  endReservation,
  findReservation,
  insertReservation,
  lockReservations,
  moveReservation,
} from "./reservation.ts";
import type { Queryable } from "./sql.ts";

/** Reservations, in one transaction. */
export interface ReservationRecords {
  readonly reservations: {
    readonly lock: (place: string, capacity: number, now: Temporal.Instant) => Promise<readonly Reservation[]>;
    readonly find: (id: string) => Promise<Reservation | null>;
    readonly insert: (reservation: Reservation, at: Temporal.Instant) => Promise<void>;
    readonly move: (reservation: Reservation, at: Temporal.Instant) => Promise<void>;
    readonly end: (id: string, at: Temporal.Instant) => Promise<boolean>;
  };
}

export function reservationRecordsOf(client: Queryable): ReservationRecords {
  return {
    reservations: {
      lock: (place, capacity, now) => lockReservations(client, place, capacity, now),
      find: (id) => findReservation(client, id),
      insert: (reservation, at) => insertReservation(client, reservation, at),
      move: (reservation, at) => moveReservation(client, reservation, at),
      end: (id, at) => endReservation(client, id, at),
    },
  };
}
