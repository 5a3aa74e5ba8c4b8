import type { Reservation } from "#core/plan/reservation.ts";

/** What reservations need of the store, in one transaction. */
export interface ReservationRecords {
  readonly reservations: {
    /** Locks the place for this transaction; those that are not over, in the order in which they asked. */
    readonly lock: (place: string, capacity: number, now: Temporal.Instant) => Promise<readonly Reservation[]>;
    readonly find: (id: string) => Promise<Reservation | null>;
    readonly insert: (reservation: Reservation, at: Temporal.Instant) => Promise<void>;
    /** Another span, or other seats; what was known before stays known. */
    readonly move: (reservation: Reservation, at: Temporal.Instant) => Promise<void>;
    readonly end: (id: string, at: Temporal.Instant) => Promise<boolean>;
  };
}
