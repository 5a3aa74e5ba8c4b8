import type { Contention } from "#core/plan/contention.ts";
import type { Reservation, ReservationOption } from "#core/plan/reservation.ts";
import type { Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";
import type { Call } from "#usecases/operations.ts";

export interface ReservationWish {
  readonly place: { readonly kind: "environment" | "resource"; readonly name: string };
  readonly team: string;
  readonly span: Span;
  /** How many places of a resource; "all": nobody else meanwhile. An environment has one. */
  readonly seats: number | "all";
  /** When it is taken: the next free span, moving forward when others let go. */
  readonly orNext: boolean;
  readonly reason: string;
}

export type Reserved =
  | { readonly kind: "reserved"; readonly reservation: Reservation }
  /** Nothing was reserved. */
  | { readonly kind: "taken"; readonly by: readonly Reservation[]; readonly options: readonly ReservationOption[] };

export type PlaceRefusal = "no-such-environment" | "no-such-resource";
export type ReserveRefusal =
  | PlaceRefusal
  | "no-such-team"
  | "not-of-team"
  | "bad-span"
  | "too-many-seats"
  | "too-many-reservations";

export interface ReservationOperations {
  readonly reserve: (wish: ReservationWish, call: Call) => Promise<Result<Reserved, ReserveRefusal>>;
  readonly extendReservation: (
    input: { readonly id: string; readonly to: Temporal.Instant },
    call: Call,
  ) => Promise<Result<Reserved, PlaceRefusal | "no-such-reservation" | "not-of-team" | "bad-span">>;
  /** The reservation as it was, and those that moved forward because of it. */
  readonly releaseReservation: (
    input: { readonly id: string; readonly reason: string },
    call: Call,
  ) => Promise<
    Result<
      { readonly reservation: Reservation; readonly moved: readonly Reservation[] },
      PlaceRefusal | "no-such-reservation" | "not-of-team"
    >
  >;
  /** An arbiter gives the span of one reservation to another team; the loser gets the next free span of its length. */
  readonly arbitrateReservation: (
    input: { readonly id: string; readonly team: string; readonly span: Span; readonly reason: string },
    call: Call,
  ) => Promise<
    Result<
      { readonly winner: Reservation; readonly loser: Reservation },
      | PlaceRefusal
      | "no-such-reservation"
      | "no-such-team"
      | "bad-span"
      | "already-begun"
      | "too-many-reservations"
      | { readonly code: "still-taken"; readonly by: readonly Reservation[] }
    >
  >;
  /** Bookings that overlap beyond the capacity of what they share, with ways out. */
  readonly listContentions: () => Promise<readonly Contention[]>;
  readonly listReservations: (filter: {
    readonly place: string | null;
    readonly limit: number;
  }) => Promise<readonly Reservation[]>;
}
