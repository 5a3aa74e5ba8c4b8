import type { z } from "zod";
import type { reservation as wire, reserved as wireReserved } from "#contract/reservation.ts";
import type { Reservation, ReservationOption } from "#core/plan/reservation.ts";
import type { Span } from "#core/span.ts";
import type { Reserved } from "#usecases/plan/reservation-operations.ts";

export function presentReservation(one: Reservation, now: Temporal.Instant): z.input<typeof wire> {
  const { from, to, seats, notBefore, ...rest } = one;
  const hasBegun = Temporal.Instant.compare(from, now) <= 0;
  return {
    ...rest,
    ...presentSpan({ from, to }),
    seats: [...seats],
    notBefore: notBefore?.toString() ?? null,
    hasBegun,
  };
}

export function presentReserved(found: Reserved, now: Temporal.Instant): z.input<typeof wireReserved> {
  if (found.kind === "reserved") {
    return { reservation: presentReservation(found.reservation, now), takenBy: [], options: [] };
  }
  return {
    reservation: null,
    takenBy: found.by.map((one) => presentReservation(one, now)),
    options: found.options.map(presentOption),
  };
}

export function presentOption({ kind, spans }: ReservationOption): z.input<typeof wireReserved>["options"][number] {
  return { kind, spans: spans.map(presentSpan) };
}

export function presentSpan({ from, to }: Span): { from: string; to: string } {
  return { from: from.toString(), to: to.toString() };
}

type Refusal =
  | "no-such-environment"
  | "no-such-resource"
  | "no-such-reservation"
  | "no-such-team"
  | "not-of-team"
  | "bad-span"
  | "too-many-seats"
  | "too-many-reservations";

/** What happened, to what, and what to do. */
export function refusedBecause(code: Refusal, about: string): string {
  switch (code) {
    case "no-such-environment":
      return `Nothing was changed: the environment of ${about} is not declared. "tidegate reservation list" shows what is reserved.`;
    case "no-such-resource":
      return `Nothing was changed: the resource of ${about} is not declared. "tidegate resource list" shows those that are.`;
    case "no-such-reservation":
      return `There is no ${about} that is not over. "tidegate reservation list" shows those that are in force.`;
    case "no-such-team":
      return `Nothing was reserved: the team of ${about} is not declared. Name one of the configuration.`;
    case "not-of-team":
      return `Nothing was changed: you are not in the team of ${about}. Ask somebody who is.`;
    case "bad-span":
      return `Nothing was changed: the span of ${about} is empty, over already, or longer than 92 days. Name another end.`;
    case "too-many-seats":
      return `Nothing was reserved: ${about} has fewer places. Ask for fewer, or for all.`;
    case "too-many-reservations":
      return `Nothing was reserved: no more reservations of ${about} are looked at. Let go of some.`;
  }
}
