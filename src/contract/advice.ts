import { z } from "zod";
import { byDeployment, deploymentId, entityName, givenInstant, instant, version } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";
import { finding } from "#contract/verdict.ts";

export const slotReason = z
  .strictObject({ code: z.string(), sentence: z.string(), weight: z.number() })
  .meta({ id: "SlotReason" });

/** `score`: 0 to 100, the sum of the weights of its reasons. */
export const slot = z
  .strictObject({ from: instant, to: instant, score: z.number(), reasons: z.array(slotReason) })
  .meta({ id: "Slot" });

export const slotAdvice = z
  .strictObject({
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    at: instant,
    zone: z.string(),
    risk: z.enum(["low", "high"]),
    /** Run and way back together, in milliseconds. */
    neededMs: z.number(),
    /** False: nobody knows yet how long it takes, so a usual length is assumed. */
    isLengthKnown: z.boolean(),
    /** Best first. */
    slots: z.array(slot),
    /** What stands in the way at the instant of the question. */
    obstacles: z.array(finding),
    /** Without any slot: the rules each of which alone leaves none. */
    blockers: z.array(z.strictObject({ id: z.string(), title: z.string() })),
  })
  .meta({ id: "SlotAdvice" });

const position = z
  .strictObject({
    id: z.string(),
    kind: z.enum(["proposed", "accepted", "withdrawn"]),
    proposal: z.string(),
    person: z.string(),
    at: instant,
    reason: z.string().nullable(),
    from: instant,
    to: instant,
    score: z.number(),
    reasons: z.array(slotReason),
    /** Score less that of the position before it; null when that one lay in no opening. */
    delta: z.number().nullable(),
  })
  .meta({ id: "SlotPosition" });

export const negotiation = z
  .strictObject({
    deployment: deploymentId,
    planned: z.strictObject({ from: instant, to: instant }),
    plannedSlot: slot.nullable(),
    agreed: z.strictObject({ id: z.string(), from: instant, to: instant, acceptedBy: z.string() }).nullable(),
    positions: z.array(position),
  })
  .meta({ id: "Negotiation" });

export const adviseSlots = defineRoute({
  method: "post",
  path: "/v1/slot-advice",
  operation: "adviseSlots",
  tag: "calendar",
  summary: "The best slots for a change inside its joint openings, each with its reasons",
  permission: "verdict.ask",
  body: z.strictObject({
    service: entityName,
    version,
    environment: entityName,
    risk: z.enum(["low", "high"]).optional(),
    since: givenInstant.optional(),
    until: givenInstant.optional(),
  }),
  answers: { 200: slotAdvice },
  problems: ["no-such-service", "no-such-environment"],
  idempotent: false,
});

/** A week of a thousand services, as numbers. */
export const profileBodyLimit = 1024 * 1024;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 22:00");

/** Load of each hour of the local week, from Monday 00:00 on, and when batches run. */
export const loadProfile = z
  .strictObject({
    service: entityName,
    environment: entityName,
    hours: z.array(z.number().min(0).max(1e15)).length(168),
    batches: z
      .array(
        z.strictObject({
          name: entityName,
          from: timeOfDay,
          to: timeOfDay,
          days: z
            .array(z.enum(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]))
            .min(1)
            .max(7)
            .optional(),
        }),
      )
      .max(50)
      .optional(),
  })
  .meta({ id: "LoadProfile" });

export const recordLoadProfiles = defineRoute({
  method: "post",
  path: "/v1/load-profiles",
  operation: "recordLoadProfiles",
  tag: "calendar",
  summary: "Record how busy services are, hour by hour of the week: as JSON, or as the YAML of State documents",
  permission: "load-profile.record",
  body: z.union([
    z.strictObject({ profiles: z.array(loadProfile).min(1).max(500) }),
    z.strictObject({
      yaml: z
        .string()
        .min(1)
        .max(1024 * 1024),
    }),
  ]),
  answers: { 200: z.strictObject({ recorded: z.int() }) },
  problems: ["invalid-configuration", "no-such-service", "no-such-environment"],
  bodyLimit: profileBodyLimit,
});

export const readSlots = defineRoute({
  method: "get",
  path: "/v1/deployments/:id/slots",
  operation: "readSlots",
  tag: "calendar",
  summary: "Where a booking stands in the calendar, and every position that was taken about it",
  permission: "deployment.read",
  params: byDeployment,
  answers: { 200: negotiation },
  problems: ["no-such-deployment"],
});

export const proposeSlot = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/slots",
  operation: "proposeSlot",
  tag: "calendar",
  summary: "Propose another slot for a waiting deployment: scored like the advice, with the difference",
  permission: "slot.negotiate",
  params: byDeployment,
  body: z.strictObject({ from: givenInstant, reason: z.string().min(1).max(2000) }),
  answers: { 200: negotiation },
  problems: ["no-such-deployment", "already-ended", "already-started", "too-many-positions", "slot-not-open"],
});

const bySlot = z.strictObject({
  id: deploymentId,
  slot: z.string().regex(/^slt_[0-9a-f]{32}$/, "the id of a proposal: slt_ and 32 hexadecimal digits"),
});

export const acceptSlot = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/slots/:slot/accept",
  operation: "acceptSlot",
  tag: "calendar",
  summary: "Accept the slot that somebody else has proposed: it becomes the planned span of the booking",
  permission: "slot.negotiate",
  params: bySlot,
  body: z.strictObject({ reason: z.string().min(1).max(2000).nullable().default(null) }),
  answers: { 200: negotiation },
  problems: [
    "no-such-deployment",
    "no-such-slot",
    "already-ended",
    "already-started",
    "too-many-positions",
    "slot-withdrawn",
    "own-proposal",
    "slot-not-open",
  ],
});

export const withdrawSlot = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/slots/:slot/withdraw",
  operation: "withdrawSlot",
  tag: "calendar",
  summary: "Take back a proposal, or the agreement that rests on it; the positions stay on record",
  permission: "slot.negotiate",
  params: bySlot,
  body: z.strictObject({ reason: z.string().min(1).max(2000) }),
  answers: { 200: negotiation },
  problems: [
    "no-such-deployment",
    "no-such-slot",
    "already-ended",
    "already-started",
    "too-many-positions",
    "slot-withdrawn",
    "not-your-slot",
  ],
});
