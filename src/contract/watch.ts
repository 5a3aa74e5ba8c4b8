import { z } from "zod";
import { action, byDeployment, deploymentId, instant } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

const limit = z.strictObject({
  name: z.string(),
  kind: z.enum(["errors", "latency", "health", "integrity", "budget", "metric"]),
  /** In breach above this: per cent, ms, what was reported, or the unit of the metric; below it where less is worse. */
  above: z.number(),
  /** Which way is harm. */
  worse: z.enum(["higher", "lower"]),
  /** What is asked of a source of criteria, and what it said last; null: it is of another kind. */
  metric: z
    .strictObject({
      source: z.string(),
      query: z.string(),
      unit: z.string(),
      /** Of the newest minute; null: nobody knows. */
      value: z.number().nullable(),
      /** Epoch second of the newest point that was believed; null: none was. */
      newest: z.number().nullable(),
      /** Why nobody knows; null: it is known, or was not asked yet. */
      trouble: z.string().nullable(),
    })
    .nullable(),
  /** It fires when so many of the last so many steps are in breach. */
  breaches: z.int(),
  of: z.int(),
  /** `take-back`: by itself, until the window ends; from then on, and for tighter limits, `alert`. */
  does: z.enum(["take-back", "alert"]),
  /** `unknown` is neither health nor a breach. */
  standing: z.enum(["breached", "quiet", "unknown"]),
});

const criterion = z.strictObject({ name: z.string(), isGreen: z.boolean(), sentence: z.string() });

export const liveWatch = z
  .strictObject({
    deployment: deploymentId,
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    /** Name of the document of kind Watch, as it was when the version went live. */
    watch: z.string(),
    phase: z.enum(["armed", "alerting", "fired", "over"]),
    /** Nobody knows anything about it for a minute or longer. */
    isBlind: z.boolean(),
    liveAt: instant,
    armedUntil: instant,
    watchedUntil: instant,
    limits: z.array(limit),
    stabilisation: z
      .strictObject({
        watcher: z.string().nullable(),
        escalate: z.string().nullable(),
        nextCheckIn: instant.nullable(),
        /** How often it was prolonged because not everything was green. */
        prolonged: z.int(),
        /** What its end takes: all of them green. */
        criteria: z.array(criterion),
        checkIns: z.array(
          z.strictObject({ at: instant, person: z.string(), isWell: z.boolean(), sentence: z.string() }),
        ),
      })
      .nullable(),
    exit: z
      .strictObject({
        how: z.enum(["green", "unproven", "decided", "superseded", "taken-back", "window-over"]),
        at: instant,
        by: z.string().nullable(),
        reason: z.string().nullable(),
      })
      .nullable(),
    notices: z.array(z.strictObject({ at: instant, recipient: z.string(), sentence: z.string() })),
    /** `check-in`, where a stabilisation names a watcher, and `end`; none once it has ended. */
    actions: z.array(action),
  })
  .meta({ id: "LiveWatch" });

export const getLiveWatch = defineRoute({
  method: "get",
  path: "/v1/deployments/:id/watch",
  operation: "getLiveWatch",
  tag: "rollout",
  summary: "What is watched of a version since it is live: its limits, how they stand, its stabilisation and its end",
  permission: "deployment.read",
  params: byDeployment,
  answers: { 200: liveWatch },
  problems: ["not-watched"],
});

export const checkInOnWatch = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/watch/check-ins",
  operation: "checkInOnWatch",
  tag: "rollout",
  summary: "Say, as its watcher, how a live version does",
  permission: "task.answer",
  params: byDeployment,
  body: z.strictObject({ isWell: z.boolean(), sentence: z.string().min(1).max(2000) }),
  answers: { 200: liveWatch },
  problems: ["not-watched", "not-asked"],
});

export const endLiveWatch = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/watch/end",
  operation: "endLiveWatch",
  tag: "rollout",
  summary: "End the watch over a live version, whatever is not green; the criteria stay on record",
  permission: "deployment.decide",
  params: byDeployment,
  body: z.strictObject({ reason: z.string().min(1).max(2000) }),
  answers: { 200: liveWatch },
  problems: ["not-watched"],
});
