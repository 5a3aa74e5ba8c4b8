import { z } from "zod";
import { givenInstant, instant } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

export const check = z
  .strictObject({
    name: z.string(),
    status: z.enum(["ok", "warning", "failed"]),
    sentence: z.string(),
    remedy: z.string(),
  })
  .meta({ id: "Check" });

export const examine = defineRoute({
  method: "get",
  path: "/v1/doctor",
  operation: "examine",
  tag: "runtime",
  summary: "What is wrong with this installation and what to do",
  permission: "installation.read",
  answers: { 200: z.strictObject({ checks: z.array(check) }) },
});

export const readClock = defineRoute({
  method: "get",
  path: "/v1/clock",
  operation: "readClock",
  tag: "runtime",
  summary: "The time the product decides by",
  permission: "organisation.read",
  answers: { 200: z.strictObject({ now: instant, shiftMs: z.int(), settable: z.boolean(), zoneData: z.string() }) },
});

/** Only in installations started for demonstration or test; refused (`clock-is-fixed`) everywhere else. */
export const setClock = defineRoute({
  method: "put",
  path: "/v1/clock",
  operation: "setClock",
  tag: "runtime",
  summary: "Shift the time the product decides by, in a demonstration",
  permission: "clock.set",
  body: z.strictObject({ now: givenInstant }),
  answers: { 200: z.strictObject({ now: instant, shiftMs: z.int() }) },
  problems: ["clock-is-fixed"],
});

/** Kinds of server-sent events at /v1/events; `id` resumes after a lost connection. */
export const streamEvent = z
  .strictObject({
    id: z.string(),
    kind: z.enum(["deployment", "timeline", "traffic", "configuration", "clock"]),
    object: z.string(),
    at: instant,
    body: z.unknown(),
  })
  .meta({ id: "StreamEvent" });
export type StreamEvent = z.infer<typeof streamEvent>;
