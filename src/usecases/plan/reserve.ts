import { freeSeats, nextFree, optionsFor, overlaps, type Reservation, type Wish } from "#core/plan/reservation.ts";
import { err, ok, type Result } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";
import type {
  ReservationOperations,
  ReservationWish,
  Reserved,
  ReserveRefusal,
} from "#usecases/plan/reservation-operations.ts";
import { isMember, isReservable, noteChange, placeOf, type Place } from "#usecases/plan/reservation-place.ts";

export interface ReserveDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly newReservationId: () => string;
  /** Of one place, not over. */
  readonly maxReservations: number;
}

/** For a team of one's own. What is taken is an answer and no error: who has it until when, and what else is possible. */
export function makeReserve(deps: ReserveDeps): ReservationOperations["reserve"] {
  return (wish, call) => deps.transact((records) => reserveIn(deps, records, wish, call));
}

async function reserveIn(
  deps: ReserveDeps,
  records: Records,
  wish: ReservationWish,
  call: Call,
): Promise<Result<Reserved, ReserveRefusal>> {
  const at = deps.now();
  const organisation = await records.catalog.inForce();
  const place = placeOf(organisation, wish.place);
  if (!place.ok) return place;
  if (!organisation.teams.has(wish.team)) return err("no-such-team");
  if (!isMember(organisation, call.actor.person, wish.team)) return err("not-of-team");
  if (!isReservable(wish.span, at)) return err("bad-span");
  const { key, capacity } = place.value;
  const seats = wish.seats === "all" ? capacity : wish.seats;
  if (seats > capacity) return err("too-many-seats");
  const open = await records.reservations.lock(key, capacity, at);
  if (open.length >= deps.maxReservations) return err("too-many-reservations");
  const asked: Wish = { span: wish.span, seats };
  const found = placeFor(open, place.value, asked, wish.orNext, at);
  if (found === null) {
    const by = open.filter((one) => overlaps(one, wish.span));
    return ok({ kind: "taken", by, options: optionsFor(open, capacity, asked, at) });
  }
  const { team, reason } = wish;
  const by = call.actor.person;
  const reservation: Reservation = { id: deps.newReservationId(), place: key, team, by, reason, ...found };
  await records.reservations.insert(reservation, at);
  const change = { action: "reservation.make", reason, before: null, after: reservation, at };
  await noteChange(records, place.value, change, call);
  return ok({ kind: "reserved", reservation });
}

function placeFor(
  open: readonly Reservation[],
  { capacity }: Place,
  asked: Wish,
  orNext: boolean,
  at: Temporal.Instant,
): Pick<Reservation, "from" | "to" | "seats" | "notBefore"> | null {
  const now = freeSeats(open, capacity, asked);
  if (now !== null) return { ...asked.span, seats: now, notBefore: null };
  if (!orNext) return null;
  const earliest = isBefore(asked.span.from, at) ? at : asked.span.from;
  const span = nextFree(open, capacity, asked, earliest);
  const seats = freeSeats(open, capacity, { ...asked, span });
  return seats === null ? null : { ...span, seats, notBefore: earliest };
}
