import { z } from "zod";
import { action, byDeployment, deploymentId, entityName, instant, version } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

const sentence = z.string().min(1).max(2000);
const option = z.enum(["go-back", "go-on"]);

const decision = z
  .strictObject({
    id: z.string(),
    deployment: deploymentId,
    /** `held`: a run holds its position; `alert`: it is live. */
    cause: z.enum(["held", "alert"]),
    because: z.string(),
    openedAt: instant,
    /** Then the default is taken. */
    expiresAt: instant,
    whenSilent: option,
    decider: z.string(),
    deputy: z.string().nullable(),
    /** Seconds that users are without the service while it is taken back; null: none. */
    downtimeSeconds: z.number().nullable(),
    stakeholders: z.array(z.strictObject({ who: z.string(), deputy: z.string().nullable() })),
    statements: z.array(
      z.strictObject({
        at: instant,
        person: z.string(),
        kind: z.enum(["objection", "answer", "decision"]),
        option: option.nullable(),
        text: z.string(),
      }),
    ),
    /** `by` null: nobody decided, the default was taken. */
    ended: z.strictObject({ at: instant, option, by: z.string().nullable() }).nullable(),
  })
  .meta({ id: "RollbackDecision" });

export const rehearsal = z
  .strictObject({
    run: z.string(),
    service: z.string(),
    version: z.string(),
    digest: z.string(),
    former: z.string(),
    formerDigest: z.string(),
    environment: z.string(),
    at: instant,
    outcome: z.enum(["pass", "fail"]),
    /** The way back, measured. */
    seconds: z.number(),
    /** `database.table`. */
    compared: z.array(z.string()),
    differing: z.array(z.string()),
    /** Why it did not come to its end; null: it did. */
    reason: z.string().nullable(),
  })
  .meta({ id: "Rehearsal" });

const leftEnds = ["stopped", "forced", "in-use", "gone"] as const;
const leftVersion = z
  .strictObject({
    version,
    leftAt: instant,
    /** Sessions that lived in it at the last look; null: it has none to be waited for. */
    sessions: z.int().nullable(),
    /** False: so many at most, because the proxy there counts requests. */
    isExact: z.boolean(),
    /** People are asked then, again and again; null: nobody is. */
    askAt: instant.nullable(),
    asked: z.int(),
    /** Who has decided that the rest is ended. */
    endWantedBy: z.string().nullable(),
    ended: z
      .strictObject({
        at: instant,
        how: z.enum(leftEnds),
        /** Sessions that were ended by force; null: none could be. */
        forcedOut: z.int().nullable(),
      })
      .nullable(),
  })
  .meta({ id: "LeftVersion" });
const wayBack = z
  .strictObject({
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    /** Version that it goes back to; null: none. */
    former: z.string().nullable(),
    /** How it comes back once it is asked for, and what says so: by default at once. */
    how: z.string(),
    plan: z
      .strictObject({
        document: z.string(),
        triggers: z.array(z.string()),
        steps: z.array(z.string()),
        expectedSeconds: z.number().nullable(),
        pointOfNoReturn: z
          .strictObject({
            percent: z.number(),
            why: z.string(),
            /** What is done past it when nobody decides in time. */
            whenSilent: option,
          })
          .nullable(),
        limits: z.array(z.strictObject({ service: z.string().nullable(), cannot: z.string(), remedy: z.string() })),
      })
      .nullable(),
    /** Asynchronous edges of the catalogue of which the plan says nothing. */
    missing: z.array(z.strictObject({ service: z.string(), kind: z.enum(["message", "data"]) })),
    /** null: nobody knows how long it takes. */
    time: z.strictObject({ seconds: z.number(), known: z.enum(["rehearsed", "history", "estimate"]) }).nullable(),
    /** Begun later it is not over before its window closes or a freeze begins; null: no such end is in sight. */
    latestStart: z.strictObject({ at: instant, closesAt: instant }).nullable(),
    /** The plan is to fix forward. */
    isPastNoReturn: z.boolean(),
    rehearsal: rehearsal.nullable(),
    /** Where it can be rehearsed; null: nobody has written how. */
    rehearsedIn: z.string().nullable(),
    /** What becomes of configuration on the way back, in sentences. */
    configuration: z.string(),
    /** Newest first. */
    decisions: z.array(decision),
    /** Versions without a share that were left running when their successor went live. */
    left: z.array(leftVersion),
    actions: z.array(action),
  })
  .meta({ id: "WayBack" });

export const getWayBack = defineRoute({
  method: "get",
  path: "/v1/deployments/:id/way-back",
  operation: "getWayBack",
  tag: "rollback",
  summary: "The plan of the way back of a deployment, its limits, and what is being decided about it",
  permission: "deployment.read",
  params: byDeployment,
  answers: { 200: wayBack },
  problems: ["no-such-deployment"],
});

export const askDecision = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/alerts",
  operation: "askDecision",
  tag: "rollback",
  summary: "Say that something is wrong with what has gone live: who decides is asked, and the clock begins",
  permission: "deployment.decide",
  params: byDeployment,
  body: z.strictObject({ because: sentence }),
  answers: { 202: wayBack },
  problems: ["no-such-deployment", "no-protocol", "not-live"],
});

export const sayOnDecision = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/statements",
  operation: "sayOnDecision",
  tag: "rollback",
  summary: "Object, or answer, while it is decided whether a release goes back; it stands on record with name and time",
  permission: "decision.state",
  params: byDeployment,
  body: z.strictObject({ text: sentence, option: option.nullable().default(null) }),
  answers: { 202: wayBack },
  problems: ["no-such-deployment", "no-open-decision", "not-asked"],
});

export const decideOnSessions = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/sessions",
  operation: "decideOnSessions",
  tag: "rollback",
  summary: "End the sessions of the version that was left running, or wait for them as long again",
  permission: "deployment.decide",
  params: byDeployment,
  body: z.strictObject({ decision: z.enum(["end", "wait"]), reason: sentence }),
  answers: { 202: wayBack },
  problems: ["no-such-deployment", "no-sessions-left"],
});

export const listRollbackDecisions = defineRoute({
  method: "get",
  path: "/v1/rollback-decisions",
  operation: "listRollbackDecisions",
  tag: "rollback",
  summary: "What is being decided now, the oldest first",
  permission: "deployment.read",
  answers: { 200: z.strictObject({ items: z.array(decision) }) },
});

export const rehearse = defineRoute({
  method: "post",
  path: "/v1/rehearsals",
  operation: "rehearse",
  tag: "rollback",
  summary: "Rehearse the way back of a version where its service is rehearsed; answers with the run",
  permission: "run.start",
  body: z.strictObject({ service: entityName, version, reason: sentence }),
  answers: { 202: z.strictObject({ run: z.string() }) },
  problems: [
    "no-such-service",
    "no-such-artifact",
    "no-rehearsal-plan",
    "nothing-to-roll-back-to",
    "already-there",
    "too-many-runs",
  ],
});

export const listRehearsals = defineRoute({
  method: "get",
  path: "/v1/rehearsals",
  operation: "listRehearsals",
  tag: "rollback",
  summary: "What was rehearsed, the newest first",
  permission: "deployment.read",
  query: z.strictObject({ service: entityName.optional() }),
  answers: { 200: z.strictObject({ items: z.array(rehearsal) }) },
});
