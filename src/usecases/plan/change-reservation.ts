import { freeSeats, nextFree, optionsFor, overlaps, pulledForward, type Reservation } from "#core/plan/reservation.ts";
import { err, ok } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records } from "#usecases/records.ts";
import type { ReservationOperations } from "#usecases/plan/reservation-operations.ts";
import {
  isMember,
  isReservable,
  noteChange,
  placeOfReservation,
  type Place,
} from "#usecases/plan/reservation-place.ts";
import type { ReserveDeps } from "#usecases/plan/reserve.ts";

/** Longer, or shorter: nobody behind it loses anything. What is over cannot be changed any more. */
export function makeExtendReservation(deps: ReserveDeps): ReservationOperations["extendReservation"] {
  return ({ id, to }, call) =>
    deps.transact(async (records) => {
      const at = deps.now();
      const found = await records.reservations.find(id);
      if (found === null || !isBefore(at, found.to)) return err("no-such-reservation");
      const organisation = await records.catalog.inForce();
      const place = placeOfReservation(organisation, found);
      if (!place.ok) return place;
      if (!isMember(organisation, call.actor.person, found.team)) return err("not-of-team");
      const span = { from: found.from, to };
      if (!isReservable(span, at)) return err("bad-span");
      const { key, capacity } = place.value;
      const others = (await records.reservations.lock(key, capacity, at)).filter((one) => one.id !== id);
      const inTheWay = others.filter(
        (one) => overlaps(one, span) && one.seats.some((seat) => found.seats.includes(seat)),
      );
      if (inTheWay.length > 0) {
        const more = { span: { from: found.to, to }, seats: found.seats.length };
        return ok({ kind: "taken", by: inTheWay, options: optionsFor(others, capacity, more, at) });
      }
      const reservation: Reservation = { ...found, to };
      await records.reservations.move(reservation, at);
      const reason = isBefore(found.to, to) ? "Extended." : "Shortened.";
      const change = { action: "reservation.extend", reason, before: found, after: reservation, at };
      await noteChange(records, place.value, change, call);
      if (isBefore(to, found.to)) await pullForward(records, place.value, at, call);
      return ok({ kind: "reserved", reservation });
    });
}

/** Lets go, before the end or before the begin; whoever stands behind it moves forward, and waiting work is looked at. */
export function makeReleaseReservation(deps: ReserveDeps): ReservationOperations["releaseReservation"] {
  return ({ id, reason }, call) =>
    deps.transact(async (records) => {
      const at = deps.now();
      const found = await records.reservations.find(id);
      if (found === null || !isBefore(at, found.to)) return err("no-such-reservation");
      const organisation = await records.catalog.inForce();
      const place = placeOfReservation(organisation, found);
      if (!place.ok) return place;
      if (!isMember(organisation, call.actor.person, found.team)) return err("not-of-team");
      await records.reservations.lock(place.value.key, place.value.capacity, at);
      if (!(await records.reservations.end(id, at))) return err("no-such-reservation");
      const change = { action: "reservation.release", reason, before: found, after: null, at };
      await noteChange(records, place.value, change, call);
      return ok({ reservation: found, moved: await pullForward(records, place.value, at, call) });
    });
}

async function pullForward(
  records: Records,
  place: Place,
  at: Temporal.Instant,
  call: Call,
): Promise<readonly Reservation[]> {
  const open = await records.reservations.lock(place.key, place.capacity, at);
  const moved: Reservation[] = [];
  for (const { reservation, span, seats } of pulledForward(open, place.capacity, at)) {
    const after: Reservation = { ...reservation, ...span, seats };
    await records.reservations.move(after, at);
    const reason = "Whoever stood before it let go.";
    await noteChange(records, place, { action: "reservation.move", reason, before: reservation, after, at }, call);
    moved.push(after);
  }
  return moved;
}

/**
 * The decision of an arbiter between two teams, with its reason on record: one gets the span, the other the next free one
 * of its length. What has begun is not taken away, and nobody else is moved.
 */
export function makeArbitrateReservation(deps: ReserveDeps): ReservationOperations["arbitrateReservation"] {
  return ({ id, team, span, reason }, call) =>
    deps.transact(async (records) => {
      const at = deps.now();
      const found = await records.reservations.find(id);
      if (found === null || !isBefore(at, found.to)) return err("no-such-reservation");
      if (!isBefore(at, found.from)) return err("already-begun");
      const organisation = await records.catalog.inForce();
      const place = placeOfReservation(organisation, found);
      if (!place.ok) return place;
      if (!organisation.teams.has(team)) return err("no-such-team");
      if (!isReservable(span, at)) return err("bad-span");
      const { key, capacity } = place.value;
      const open = await records.reservations.lock(key, capacity, at);
      if (open.length >= deps.maxReservations) return err("too-many-reservations");
      const others = open.filter((one) => one.id !== id);
      const asked = { span, seats: found.seats.length };
      const seats = freeSeats(others, capacity, asked);
      if (seats === null) return err({ code: "still-taken", by: others.filter((one) => overlaps(one, span)) });
      const by = call.actor.person;
      const winner: Reservation = {
        id: deps.newReservationId(),
        place: key,
        team,
        by,
        reason,
        ...span,
        seats,
        notBefore: null,
      };
      const loser = movedBehind(found, [...others, winner], capacity);
      await records.reservations.move(loser, at);
      await records.reservations.insert(winner, at);
      await noteChange(
        records,
        place.value,
        { action: "reservation.give-way", reason, before: found, after: loser, at },
        call,
      );
      await noteChange(
        records,
        place.value,
        { action: "reservation.award", reason, before: null, after: winner, at },
        call,
      );
      return ok({ winner, loser });
    });
}

/** It asked for its old begin, and moves forward again when somebody lets go. */
function movedBehind(loser: Reservation, others: readonly Reservation[], capacity: number): Reservation {
  const asked = { span: { from: loser.from, to: loser.to }, seats: loser.seats.length };
  const span = nextFree(others, capacity, asked, loser.from);
  const seats = freeSeats(others, capacity, { ...asked, span });
  if (seats === null) throw new Error("the next free span is free");
  return { ...loser, ...span, seats, notBefore: loser.notBefore ?? loser.from };
}
