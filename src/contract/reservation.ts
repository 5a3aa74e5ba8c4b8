import { z } from "zod";
import { entityName, givenInstant, instant } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

const reason = z.string().min(1).max(2000);
const span = z.strictObject({ from: instant, to: instant });
const byReservation = z.strictObject({
  id: z.string().regex(/^rsv_[0-9a-f]{32}$/, "a reservation: rsv_ and 32 hexadecimal digits"),
});

export const reservation = z
  .strictObject({
    id: z.string(),
    /** `environment:prod` or `resource:orders-db`. */
    place: z.string(),
    team: z.string(),
    by: z.string(),
    reason: z.string(),
    from: instant,
    to: instant,
    /** Which of the places of a resource, from 1. */
    seats: z.array(z.int()),
    /** It moves forward to here when others let go; null: it stays where it is. */
    notBefore: instant.nullable(),
    hasBegun: z.boolean(),
  })
  .meta({ id: "Reservation" });

/** Dated ways out; nothing is promised before it is reserved or booked. */
const options = z.array(
  z.strictObject({ kind: z.enum(["later", "earlier", "shorter", "split"]), spans: z.array(span).min(1).max(2) }),
);

export const reserved = z
  .strictObject({
    /** null: nothing was reserved. */
    reservation: reservation.nullable(),
    /** Who has it instead. */
    takenBy: z.array(reservation),
    options,
  })
  .meta({ id: "Reserved" });

export const reserve = defineRoute({
  method: "post",
  path: "/v1/reservations",
  operation: "reserve",
  tag: "plan",
  summary:
    "Reserve an environment, or places of a shared resource, for a team of yours; what is taken is answered with ways out",
  permission: "reservation.change",
  body: z.strictObject({
    place: z.strictObject({ kind: z.enum(["environment", "resource"]), name: entityName }),
    team: entityName,
    from: givenInstant,
    to: givenInstant,
    /** How many places of a resource; `all`: nobody else meanwhile. */
    seats: z.union([z.int().min(1).max(1000), z.literal("all")]).default(1),
    /** When it is taken: the next free span, moving forward when others let go. */
    orNext: z.boolean().default(false),
    reason,
  }),
  answers: { 200: reserved },
  problems: [
    "no-such-environment",
    "no-such-resource",
    "no-such-team",
    "not-of-team",
    "bad-span",
    "too-many-seats",
    "too-many-reservations",
  ],
});

export const extendReservation = defineRoute({
  method: "post",
  path: "/v1/reservations/:id/extend",
  operation: "extendReservation",
  tag: "plan",
  summary: "Another end, later or earlier; who stands behind it loses nothing",
  permission: "reservation.change",
  params: byReservation,
  body: z.strictObject({ to: givenInstant }),
  answers: { 200: reserved },
  problems: ["no-such-environment", "no-such-resource", "no-such-reservation", "not-of-team", "bad-span"],
});

export const releaseReservation = defineRoute({
  method: "post",
  path: "/v1/reservations/:id/release",
  operation: "releaseReservation",
  tag: "plan",
  summary: "Let go early: those behind it move forward, and waiting work is judged again",
  permission: "reservation.change",
  params: byReservation,
  body: z.strictObject({ reason }),
  answers: {
    200: z.strictObject({
      reservation,
      /** Those that stand earlier now. */
      moved: z.array(reservation),
    }),
  },
  problems: ["no-such-environment", "no-such-resource", "no-such-reservation", "not-of-team"],
});

export const arbitrateReservation = defineRoute({
  method: "post",
  path: "/v1/reservations/:id/arbitrate",
  operation: "arbitrateReservation",
  tag: "plan",
  summary: "Decide between two teams: another one gets the span, this reservation the next free one of its length",
  permission: "reservation.arbitrate",
  params: byReservation,
  body: z.strictObject({ team: entityName, from: givenInstant, to: givenInstant, reason }),
  answers: { 200: z.strictObject({ winner: reservation, loser: reservation }) },
  problems: [
    "no-such-environment",
    "no-such-resource",
    "no-such-reservation",
    "no-such-team",
    "bad-span",
    "reservation-begun",
    "still-taken",
    "too-many-reservations",
  ],
});

export const listReservations = defineRoute({
  method: "get",
  path: "/v1/reservations",
  operation: "listReservations",
  tag: "plan",
  summary: "Who has which environment or resource until when, in the order of the begins; what is over is left out",
  permission: "organisation.read",
  query: z.strictObject({
    environment: entityName.optional(),
    resource: entityName.optional(),
    limit: z.coerce.number().int().min(1).max(500).default(200),
  }),
  answers: { 200: z.strictObject({ items: z.array(reservation) }) },
});

const contention = z
  .strictObject({
    resource: z.string(),
    /** How many may use it at the same time. */
    capacity: z.int(),
    /** It finds no place. */
    booking: z.string(),
    service: z.string(),
    from: instant,
    to: instant,
    /** Ids of the bookings and reservations that have the places. */
    with: z.array(z.string()),
    options,
  })
  .meta({ id: "Contention" });

export const listContentions = defineRoute({
  method: "get",
  path: "/v1/contentions",
  operation: "listContentions",
  tag: "plan",
  summary: "Bookings that overlap beyond the capacity of what they share, by resource, with ways out; at most 500",
  permission: "deployment.read",
  answers: { 200: z.strictObject({ items: z.array(contention) }) },
});
