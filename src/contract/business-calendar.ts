import { z } from "zod";
import { deploymentId, entityName, instant } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

/** 5 MB of calendar as a JSON text. */
const importBodyLimit = 6 * 1024 * 1024;
const maxTextChars = 5 * 1024 * 1024;

const span = z.strictObject({ from: instant, to: instant });

export const businessCalendar = z
  .strictObject({
    name: z.string(),
    zone: z.string(),
    source: z.enum(["file", "url", "inline"]),
    owner: z.string(),
    /** null: nothing was imported yet; one that could stop changes closes its scope, unless it says `untilRead: open`. */
    importedAt: instant.nullable(),
    importedBy: z.string().nullable(),
    /** Age of the last good state; null without one. */
    ageSeconds: z.int().nullable(),
    lastAttemptAt: instant.nullable(),
    /** Why the last attempt failed; the last good state stays in force. */
    failure: z.string().nullable(),
    failingSince: instant.nullable(),
    /** Events of the next 60 days with an effect. */
    events: z.array(
      z.strictObject({
        name: z.string(),
        summary: z.string(),
        effect: z.enum(["blackout", "caution", "pull-forward"]),
        from: instant,
        to: instant,
      }),
    ),
  })
  .meta({ id: "BusinessCalendar" });

export const reflow = z
  .strictObject({
    id: z.string(),
    calendar: z.string(),
    at: instant,
    sentence: z.string(),
    items: z.array(
      z.strictObject({
        position: z.int(),
        kind: z.enum(["blocked", "pull-forward", "restore"]),
        deployment: deploymentId,
        event: z.string(),
        oldSlot: span,
        newSlot: span.nullable(),
        sentence: z.string(),
        state: z.enum(["open", "accepted", "declined", "outdated"]),
        decidedBy: z.string().nullable(),
        decidedAt: instant.nullable(),
      }),
    ),
  })
  .meta({ id: "Reflow" });

export const listBusinessCalendars = defineRoute({
  method: "get",
  path: "/v1/business-calendars",
  operation: "listBusinessCalendars",
  tag: "calendar",
  summary: "Calendars from outside: how old they are, why they fail, and what their events do",
  permission: "deployment.read",
  answers: { 200: z.strictObject({ items: z.array(businessCalendar) }) },
});

export const importBusinessCalendar = defineRoute({
  method: "post",
  path: "/v1/business-calendars/:name/import",
  operation: "importBusinessCalendar",
  tag: "calendar",
  summary: "Take an iCalendar text, or what is at an address, as the whole calendar; all of it or nothing",
  permission: "calendar.import",
  params: z.strictObject({ name: entityName }),
  /** Exactly one. */
  body: z.union([
    z.strictObject({ text: z.string().min(1).max(maxTextChars) }),
    z.strictObject({ url: z.string().min(1).max(2_000) }),
  ]),
  bodyLimit: importBodyLimit,
  answers: {
    200: z.strictObject({
      calendar: z.string(),
      added: z.int(),
      removed: z.int(),
      unchanged: z.int(),
      /** The batch of proposals for bookings concerned; null when there are none. */
      reflow: z.string().nullable(),
    }),
  },
  problems: ["no-such-calendar", "invalid-calendar", "feed-failed"],
});

export const listReflows = defineRoute({
  method: "get",
  path: "/v1/reflows",
  operation: "listReflows",
  tag: "calendar",
  summary: "What imports proposed, as batches, newest first",
  permission: "deployment.read",
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
  answers: { 200: z.strictObject({ items: z.array(reflow) }) },
});

export const decideReflow = defineRoute({
  method: "post",
  path: "/v1/reflows/:id/decide",
  operation: "decideReflow",
  tag: "calendar",
  summary: "Accept or decline a batch as a whole, or some of its items",
  permission: "reflow.decide",
  params: z.strictObject({ id: z.string().regex(/^rfl_[0-9a-f]{32}$/, "a batch id: rfl_ and 32 hexadecimal digits") }),
  body: z.strictObject({
    decision: z.enum(["accept", "decline"]),
    /** Positions; every open item when left out. */
    items: z.array(z.int().min(1).max(10_000)).min(1).max(2_000).optional(),
  }),
  answers: {
    200: z.strictObject({
      items: z.array(
        z.strictObject({
          position: z.int(),
          outcome: z.enum(["accepted", "declined", "not-open", "no-slot", "no-longer-legal", "has-begun"]),
        }),
      ),
    }),
  },
  problems: ["no-such-reflow", "no-such-item"],
});

const feedFilter = {
  environment: entityName.nullable().default(null),
  service: entityName.nullable().default(null),
  include: z
    .array(z.enum(["bookings", "freezes", "openings"]))
    .min(1)
    .max(3)
    .default(["bookings", "freezes"]),
};

export const calendarFeed = z
  .strictObject({
    id: z.string(),
    label: z.string(),
    environment: z.string().nullable(),
    service: z.string().nullable(),
    include: z.array(z.string()),
    createdAt: instant,
    revokedAt: instant.nullable(),
  })
  .meta({ id: "CalendarFeed" });

/** The address is a credential and is shown once: whoever holds it reads what its maker may read. */
export const createFeed = defineRoute({
  method: "post",
  path: "/v1/feeds",
  operation: "createFeed",
  tag: "calendar",
  summary: "A private iCalendar address for a view of the calendar, shown once",
  permission: "feed.manage",
  body: z.strictObject({ label: z.string().min(1).max(100), ...feedFilter }),
  answers: { 200: z.strictObject({ feed: calendarFeed, path: z.string() }) },
  problems: ["too-many-feeds", "no-such-environment", "no-such-service", "openings-need-both"],
  idempotent: false,
});

export const listFeeds = defineRoute({
  method: "get",
  path: "/v1/feeds",
  operation: "listFeeds",
  tag: "calendar",
  summary: "The caller's own feeds",
  permission: "feed.manage",
  answers: { 200: z.strictObject({ items: z.array(calendarFeed) }) },
});

export const revokeFeed = defineRoute({
  method: "delete",
  path: "/v1/feeds/:id",
  operation: "revokeFeed",
  tag: "calendar",
  summary: "End one of the caller's own feeds; its address answers 404 from then on",
  permission: "feed.manage",
  params: z.strictObject({ id: z.string().regex(/^fed_[0-9a-f]{32}$/, "a feed id: fed_ and 32 hexadecimal digits") }),
  answers: { 200: z.strictObject({ revoked: z.boolean() }) },
  idempotent: false,
});
