import { freeSeats, optionsFor, overlaps, type Reservation, type ReservationOption } from "#core/plan/reservation.ts";
import type { ResourceUse } from "#core/release/reports.ts";
import { compareInstants } from "#core/span.ts";

/** A booking that finds no place on what it shares with others, and its ways out. */
export interface Contention {
  readonly use: ResourceUse;
  /** How many may use it at the same time. */
  readonly capacity: number;
  /** Bookings and reservations that have the places; by their ids. */
  readonly with: readonly string[];
  readonly options: readonly ReservationOption[];
}

/** What is asked about one resource. */
export interface Shared {
  readonly capacity: number;
  /** Of open work. */
  readonly uses: readonly ResourceUse[];
  /** Of the resource. */
  readonly reservations: readonly Reservation[];
  readonly teamOf: (service: string) => string | null;
}

interface Seated {
  readonly id: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
  readonly seats: readonly number[];
  /** Whom a reservation keeps the place for; null: a booking. */
  readonly team: string | null;
}

/**
 * All bookings that overlap beyond the capacity, at once: reservations have their places, bookings get theirs in the order of
 * their begins, and whoever finds none is in contention with those that have them. A team's own reservation is in nobody's way
 * but that of others. Options are as for reservations: whole later or earlier, shorter, or in two parts.
 */
export function contentionsOn(
  { capacity, uses, reservations, teamOf }: Shared,
  now: Temporal.Instant,
): readonly Contention[] {
  const seated: Seated[] = [...reservations];
  const found: Contention[] = [];
  for (const use of uses.toSorted((a, b) => compareInstants(a.from, b.from) || (a.booking < b.booking ? -1 : 1))) {
    const { booking: id, service, from, to } = use;
    if (compareInstants(to, now) <= 0) continue;
    const others = seated.filter(({ team }) => team === null || team !== teamOf(service));
    const wish = { span: { from, to }, seats: 1 };
    const seats = freeSeats(others, capacity, wish);
    if (seats !== null) seated.push({ id, from, to, seats, team: null });
    else {
      const inTheWay = others.filter((one) => overlaps(one, wish.span)).map((one) => one.id);
      found.push({ use, capacity, with: inTheWay, options: optionsFor(others, capacity, wish, now) });
    }
  }
  return found;
}
