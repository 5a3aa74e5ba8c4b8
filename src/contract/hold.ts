import { z } from "zod";
import { givenInstant, instant, pageQuery } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";
import { scope } from "#contract/scope.ts";

const reason = z.string().min(1).max(2000);
/** At this instant it ends by itself; null: somebody has to end it. */
const until = givenInstant.nullable().default(null);
const ended = z.strictObject({ at: instant, by: z.string(), reason: z.string() }).nullable();
const given = { id: z.string(), reason: z.string(), by: z.string(), since: instant, until: instant.nullable() };

export const hold = z
  .strictObject({
    ...given,
    scope,
    /** Person, team or role that may lift it. */
    liftedBy: z.string(),
    inForce: z.boolean(),
    /** null: nobody has lifted it. */
    ended,
  })
  .meta({ id: "Hold" });

export const stop = z
  .strictObject({
    ...given,
    allowsRollBack: z.boolean(),
    inForce: z.boolean(),
    /** null: nobody has ended it. */
    ended,
  })
  .meta({ id: "Stop" });

const byHold = z.strictObject({ id: z.string().regex(/^hld_[0-9a-f]{32}$/, "a hold: hld_ and 32 hexadecimal digits") });
const byStop = z.strictObject({ id: z.string().regex(/^stp_[0-9a-f]{32}$/, "a stop: stp_ and 32 hexadecimal digits") });

/** `all`: those that have ended too. */
const listQuery = z.strictObject({ ...pageQuery.shape, show: z.enum(["in-force", "all"]).default("in-force") });

export const placeHold = defineRoute({
  method: "post",
  path: "/v1/holds",
  operation: "placeHold",
  tag: "release",
  summary: "Hold what a scope matches, until whom you name lifts it or its end comes",
  permission: "hold.change",
  body: z.strictObject({
    scope,
    reason,
    until,
    /** Person, team or role; yourself when left out. */
    liftedBy: z.string().min(1).max(100).nullable().default(null),
  }),
  answers: { 200: hold },
  problems: ["bad-span", "nobody-may-lift", "matches-nothing", "too-many-holds"],
});

export const liftHold = defineRoute({
  method: "post",
  path: "/v1/holds/:id/lift",
  operation: "liftHold",
  tag: "release",
  summary: "Lift a hold: only whom it names may",
  permission: "hold.change",
  params: byHold,
  body: z.strictObject({ reason }),
  answers: { 200: hold },
  problems: ["no-such-hold", "already-lifted", "not-yours-to-lift"],
});

export const listHolds = defineRoute({
  method: "get",
  path: "/v1/holds",
  operation: "listHolds",
  tag: "release",
  summary: "Holds, newest first",
  permission: "organisation.read",
  query: listQuery,
  answers: { 200: z.strictObject({ items: z.array(hold), next: z.string().nullable() }) },
});

export const stopAll = defineRoute({
  method: "post",
  path: "/v1/stops",
  operation: "stopAll",
  tag: "release",
  summary: "The global stop: nothing starts anywhere until it is ended",
  permission: "stop.change",
  body: z.strictObject({ reason, until, allowsRollBack: z.boolean().default(true) }),
  answers: { 200: stop },
  problems: ["bad-span", "too-many-stops"],
});

export const resumeAll = defineRoute({
  method: "post",
  path: "/v1/stops/:id/resume",
  operation: "resumeAll",
  tag: "release",
  summary: "End a global stop: what waits is judged again at once",
  permission: "stop.change",
  params: byStop,
  body: z.strictObject({ reason }),
  answers: { 200: stop },
  problems: ["no-such-stop", "already-lifted"],
});

export const listStops = defineRoute({
  method: "get",
  path: "/v1/stops",
  operation: "listStops",
  tag: "release",
  summary: "Global stops, newest first",
  permission: "organisation.read",
  query: listQuery,
  answers: { 200: z.strictObject({ items: z.array(stop), next: z.string().nullable() }) },
});
