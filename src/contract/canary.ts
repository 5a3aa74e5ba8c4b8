import { z } from "zod";
import { action, byDeployment, deploymentId, instant } from "#contract/common.ts";
import { deploymentState } from "#contract/release.ts";
import { defineRoute } from "#contract/route.ts";

const metric = z.enum(["errors", "latency"]);
const judged = z.enum(["worse", "not-worse", "not-enough"]);

/** One look of the judge at one metric. The ratio is that of the canary's odds to the control's. */
const metricLook = z.strictObject({
  metric,
  outcome: judged,
  /** Evidence of harm as it stood then; 1 means none in either direction. */
  evidence: z.number(),
  /** The ratio is above this; 0 when the data do not bound it. */
  lower: z.number(),
  /** The ratio is below this; null when the data do not bound it. */
  upper: z.number().nullable(),
  /** The likeliest ratio; null without events. */
  estimate: z.number().nullable(),
});

export const canaryPicture = z
  .strictObject({
    deployment: deploymentId,
    state: deploymentState,
    control: z.string().nullable(),
    canary: z.string(),
    /** Chance of a false alarm over the whole life of the canary. "Worse" is evidence of 1/alpha. */
    alpha: z.number(),
    metrics: z.array(
      z.strictObject({
        metric,
        /** A lower limit above this ratio proves harm. */
        tolerated: z.number(),
        /** An upper limit below this ratio proves that there is none worth the name: the margin. */
        bound: z.number(),
      }),
    ),
    stages: z.array(
      z.strictObject({
        percent: z.number(),
        /** `present`: watched now, or where the run turned back. */
        place: z.enum(["passed", "present", "left", "ahead"]),
        /** Watched at least, and at most, for so long; null: the run is older than the record of it. */
        minSeconds: z.number().nullable(),
        maxSeconds: z.number().nullable(),
        /** Requests of the canary without which the stage cannot pass. */
        minRequests: z.number().nullable(),
        seconds: z.int(),
        requests: z.int(),
      }),
    ),
    /** What the judge says now; null before its first look. */
    now: z
      .strictObject({
        outcome: judged,
        canaryRequests: z.int(),
        /** Further requests of the canary until "not worse", if it equals the control; null when nobody can tell. */
        furtherRequests: z.int().nullable(),
        /** The same at the canary's traffic of this stage. */
        furtherSeconds: z.int().nullable(),
        /** Why the position is held. */
        holds: z.array(z.string()),
      })
      .nullable(),
    /** In order; thinned out evenly where there are many. */
    looks: z.array(z.strictObject({ second: z.int(), percent: z.number(), metrics: z.array(metricLook) })),
    /** Whether the viewer may abort it, and who else may. */
    abort: z.strictObject({ action, people: z.array(z.string()), more: z.int() }),
    asOf: instant,
  })
  .meta({ id: "CanaryPicture" });

export const getCanary = defineRoute({
  method: "get",
  path: "/v1/deployments/:id/canary",
  operation: "getCanary",
  tag: "rollout",
  summary: "Why a canary passes, turns back or is watched on: the judge's own numbers, second by second",
  permission: "deployment.read",
  params: byDeployment,
  answers: { 200: canaryPicture },
  problems: ["no-such-deployment"],
});
