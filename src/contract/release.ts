import { z } from "zod";
import {
  action,
  byDeployment,
  deploymentId,
  digest,
  entityName,
  givenInstant,
  instant,
  pageQuery,
  version,
} from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";
import { verdict } from "#contract/verdict.ts";

export const deploymentState = z.enum([
  "waiting",
  "queued",
  "running",
  "succeeded",
  "rolled-back",
  "aborted",
  "cancelled",
  "rejected",
  "failed",
  "needs-human",
]);

/** A line of a list. */
export const deploymentSummary = z
  .strictObject({
    id: deploymentId,
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    action: z.string(),
    state: deploymentState,
    /** One sentence: what it is doing, what it waits for and until when, or how it ended. */
    headline: z.string(),
    percent: z.number(),
    control: z.string().nullable(),
    requestedBy: z.string(),
    requestedAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    /** Waiting work: the next instant at which it is known to open; null if none is known. */
    opensAt: instant.nullable(),
    /** The instant this was true. */
    asOf: instant,
  })
  .meta({ id: "DeploymentSummary" });

export const timelineEvent = z
  .strictObject({
    seq: z.int(),
    at: instant,
    step: z.string(),
    name: z.string(),
    phase: z.enum(["started", "done", "failed", "info"]),
    sentence: z.string(),
    detail: z.unknown(),
  })
  .meta({ id: "TimelineEvent" });

export const approvalView = z
  .strictObject({
    person: z.string(),
    decision: z.enum(["approved", "rejected"]),
    reason: z.string().nullable(),
    at: instant,
    /** Freezes in spite of which it was given; absent: none. */
    despite: z.array(z.string()).optional(),
  })
  .meta({ id: "ApprovalView" });

export const deploymentDetail = z
  .strictObject({
    ...deploymentSummary.shape,
    digest: z.string(),
    contentDigest: z.string(),
    fence: z.int().nullable(),
    outcome: z.string().nullable(),
    /** The verdict in force: the one of the last gate. */
    verdict: verdict.nullable(),
    timeline: z.array(timelineEvent),
    approvals: z.array(approvalView),
    queue: z
      .strictObject({ position: z.int(), holder: z.string().nullable(), expectedTo: instant.nullable() })
      .nullable(),
    actions: z.array(action),
  })
  .meta({ id: "Deployment" });

/** Seconds of traffic as the proxy at the target counted them. */
export const trafficSeries = z
  .strictObject({
    deployment: deploymentId,
    control: z.string().nullable(),
    canary: z.string(),
    samples: z.array(
      z.strictObject({
        second: z.int(),
        arm: z.enum(["control", "canary"]),
        requests: z.int(),
        errors: z.int(),
        p95Ms: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: "TrafficSeries" });

export const requestDeployment = defineRoute({
  method: "post",
  path: "/v1/deployments",
  operation: "requestDeployment",
  tag: "release",
  summary: "Ask for a version in an environment: judged at once, started when allowed, kept waiting otherwise",
  permission: "deployment.request",
  body: z.strictObject({
    service: entityName,
    version,
    environment: entityName,
    class: z.enum(["standard", "normal", "emergency"]).default("normal"),
    /** `fail`: end as rejected when it is not allowed at once (`--no-wait`). */
    whenBlocked: z.enum(["wait", "fail"]).default("wait"),
    /** That of the service's tier if absent. A high one runs in quiet hours only, where a load profile is recorded. */
    risk: z.enum(["low", "high"]).optional(),
    /** Somebody has thought out the way back; a change of high risk needs it. */
    hasRollbackPlan: z.boolean().optional(),
  }),
  /** A no-go is an answer and not an error. */
  answers: { 202: deploymentDetail },
  problems: ["no-such-service", "no-such-environment", "no-such-artifact", "already-open", "already-live"],
});

export const listDeployments = defineRoute({
  method: "get",
  path: "/v1/deployments",
  operation: "listDeployments",
  tag: "release",
  summary: "Deployments, newest first",
  permission: "deployment.read",
  query: z.strictObject({
    ...pageQuery.shape,
    environment: entityName.optional(),
    service: entityName.optional(),
    state: z.union([deploymentState, z.literal("open"), z.literal("ended")]).optional(),
  }),
  answers: { 200: z.strictObject({ items: z.array(deploymentSummary), next: z.string().nullable() }) },
});

export const getDeployment = defineRoute({
  method: "get",
  path: "/v1/deployments/:id",
  operation: "getDeployment",
  tag: "release",
  summary: "One deployment with its verdict, timeline, approvals and what the viewer may do",
  permission: "deployment.read",
  params: byDeployment,
  answers: { 200: deploymentDetail },
  problems: ["no-such-deployment"],
});

export const getTraffic = defineRoute({
  method: "get",
  path: "/v1/deployments/:id/traffic",
  operation: "getTraffic",
  tag: "rollout",
  summary: "Traffic of both versions by second, as the proxy at the target counted it",
  permission: "deployment.read",
  params: byDeployment,
  answers: { 200: trafficSeries },
  problems: ["no-such-deployment"],
});

export const abortDeployment = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/abort",
  operation: "abortDeployment",
  tag: "rollout",
  summary: "Stop it: waiting work is cancelled, running work goes back to the former version",
  permission: "deployment.abort",
  params: byDeployment,
  body: z.strictObject({ reason: z.string().min(1).max(2000) }),
  answers: { 202: deploymentDetail },
  problems: ["no-such-deployment", "already-ended"],
});

export const decideHeld = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/decision",
  operation: "decideHeld",
  tag: "rollout",
  summary: "Let a run that holds its position go on, or take it back; also what is live while a decision on it is open",
  permission: "deployment.decide",
  params: byDeployment,
  body: z.strictObject({ decision: z.enum(["go-on", "go-back"]), reason: z.string().min(1).max(2000) }),
  answers: { 202: deploymentDetail },
  problems: ["no-such-deployment", "already-ended", "not-held", "not-decider", "cannot-go-back"],
});

export const rollBackDeployment = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/roll-back",
  operation: "rollBackDeployment",
  tag: "rollout",
  summary: "Deploy the version that was live before a finished deployment",
  permission: "deployment.roll-back",
  params: byDeployment,
  body: z.strictObject({ reason: z.string().min(1).max(2000) }),
  answers: { 202: deploymentDetail },
  problems: ["no-such-deployment", "nothing-to-roll-back-to", "not-live", "still-open", "already-open"],
});

export const matrixCell = z
  .strictObject({
    service: z.string(),
    environment: z.string(),
    version: z.string().nullable(),
    since: instant.nullable(),
    /** Deployment under way there, if any. */
    open: z
      .strictObject({ id: deploymentId, version: z.string(), state: deploymentState, percent: z.number() })
      .nullable(),
  })
  .meta({ id: "MatrixCell" });

export const getMatrix = defineRoute({
  method: "get",
  path: "/v1/matrix",
  operation: "getMatrix",
  tag: "release",
  summary: "Service × environment: what is live, since when, and what is on its way",
  permission: "deployment.read",
  query: z.strictObject({ at: givenInstant.optional() }),
  answers: {
    200: z.strictObject({
      at: instant,
      services: z.array(z.strictObject({ name: z.string(), team: z.string(), unit: z.string(), tier: z.int() })),
      environments: z.array(z.strictObject({ name: z.string(), zone: z.string(), protected: z.boolean() })),
      cells: z.array(matrixCell),
    }),
  },
});

export const registerArtifact = defineRoute({
  method: "post",
  path: "/v1/artifacts",
  operation: "registerArtifact",
  tag: "release",
  summary: "Make an immutable (service, version, digest) known",
  permission: "artifact.register",
  body: z.strictObject({
    service: entityName,
    version,
    digest,
    author: entityName.nullable().default(null),
  }),
  answers: { 200: z.strictObject({ service: z.string(), version: z.string(), digest: z.string() }) },
  problems: ["no-such-service", "version-is-immutable"],
});
