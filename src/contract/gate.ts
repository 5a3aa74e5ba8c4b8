import { z } from "zod";
import { deploymentId, digest, entityName, instant, pageQuery, version } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";
import { verdict } from "#contract/verdict.ts";

export const externalRun = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._:/@#+-]{0,199}$/, "the run as its system names it, such as jenkins:cart/42");
export const externalUrl = z
  .string()
  .max(2000)
  .regex(/^https?:\/\/[^\s\\]+$/, "an address that begins with http:// or https://");

const gateId = z.string().regex(/^gat_[0-9a-f]{32}$/, "a gate: gat_ and 32 hexadecimal digits");
const byGate = z.strictObject({ id: gateId });
const action = z.enum(["deploy", "roll-back", "fix-forward", "config", "flag", "restart", "migrate"]);
const secretText = z.string().min(1).max(200);

/** A question of a pipeline as it stands. */
export const gate = z
  .strictObject({
    id: gateId,
    /** The deployment that it is: approvals, lock and record are found under this id. */
    deployment: deploymentId,
    state: z.enum([
      "parked",
      "allowed",
      "started",
      "succeeded",
      "failed",
      "rolled-back",
      "aborted",
      "unknown",
      "denied",
      "cancelled",
    ]),
    service: z.string(),
    version: z.string(),
    digest: z.string(),
    environment: z.string(),
    action: z.string(),
    class: z.string(),
    whenDenied: z.enum(["end", "park"]),
    requestedBy: z.string(),
    account: z.string(),
    run: z.string().nullable(),
    runUrl: z.string().nullable(),
    /** Where its changes are sent; null: nowhere, the pipeline asks again. */
    callback: z.enum(["webhook", "github"]).nullable(),
    requestedAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    /** One sentence: what it waits for, why it was denied, or how it ended. */
    reason: z.string(),
    /** Page with all reasons and who can change them. */
    link: z.string(),
    /** Parked: the next instant at which it is known to open; null if none is known. */
    opensAt: instant.nullable(),
    /** Parked: seconds after which to ask again; 0 otherwise. The same as `Retry-After`. */
    pollAfter: z.int(),
    token: z
      .strictObject({
        state: z.enum(["none", "issued", "used", "void", "expired"]),
        expiresAt: instant.nullable(),
        usedAt: instant.nullable(),
        reason: z.string().nullable(),
      })
      .meta({ id: "GateToken" }),
    leaseExpiresAt: instant.nullable(),
    result: z.strictObject({ outcome: z.enum(["succeeded", "failed"]), live: z.string().nullable() }).nullable(),
    verdict: verdict.nullable(),
  })
  .meta({ id: "Gate" });

const issued = z
  .strictObject({
    /** Shown this once; the one before is void. */
    text: z.string(),
    expiresAt: instant,
    /** Digest over everything that it is bound to. */
    binding: z.string(),
  })
  .nullable();
const asked = z.strictObject({ gate, token: issued }).meta({ id: "AskedGate" });

export const askGate = defineRoute({
  method: "post",
  path: "/v1/gates",
  operation: "askGate",
  tag: "release",
  summary: "May this pipeline deploy? Allowed: a token. Otherwise parked, or denied with every reason",
  permission: "deployment.request",
  body: z
    .strictObject({
      service: entityName,
      version: version.nullable().default(null),
      /** In the place of a version: that of a registered artifact. */
      digest: digest.nullable().default(null),
      environment: entityName,
      action: action.default("deploy"),
      class: z.enum(["standard", "normal", "emergency"]).default("normal"),
      whenDenied: z.enum(["end", "park"]).default("end"),
      /** The same question of the same run is the same gate. */
      run: externalRun.nullable().default(null),
      runUrl: externalUrl.nullable().default(null),
      key: z.string().max(100).nullable().default(null),
      /** Changes are sent here; below the address of a registered callback. */
      callbackUrl: externalUrl.nullable().default(null),
    })
    .refine((body) => (body.version === null) !== (body.digest === null), {
      message: "name the version or the digest, and not both",
      path: ["version"],
    }),
  answers: { 200: asked, 202: asked },
  problems: [
    "no-such-service",
    "no-such-environment",
    "no-such-artifact",
    "no-such-callback",
    "already-open",
    "already-live",
    "not-the-way-back",
    "not-a-restart",
    "forbidden",
    "key-conflict",
  ],
  // Its answer holds a secret, which is stored nowhere: the run makes the question the same one.
  idempotent: false,
});

export const getGate = defineRoute({
  method: "get",
  path: "/v1/gates/:id",
  operation: "getGate",
  tag: "release",
  summary: "A gate as it stands; parked ones say in Retry-After when to ask again",
  permission: "deployment.read",
  params: byGate,
  answers: { 200: gate },
  problems: ["no-such-gate"],
});

export const listGates = defineRoute({
  method: "get",
  path: "/v1/gates",
  operation: "listGates",
  tag: "release",
  summary: "Gates, newest first",
  permission: "deployment.read",
  query: z.strictObject({
    ...pageQuery.shape,
    state: z.enum(["open", "ended"]).optional(),
    environment: entityName.optional(),
  }),
  answers: { 200: z.strictObject({ items: z.array(gate), next: z.string().nullable() }) },
});

export const claimGateToken = defineRoute({
  method: "post",
  path: "/v1/gates/:id/token",
  operation: "claimGateToken",
  tag: "release",
  summary: "A token for a gate that is allowed now: judged again, and every token before is void",
  permission: "deployment.request",
  params: byGate,
  answers: { 200: asked, 202: asked },
  problems: ["no-such-gate", "not-your-gate", "already-ended", "token-used"],
  idempotent: false,
});

export const redeemGate = defineRoute({
  method: "post",
  path: "/v1/gates/:id/redeem",
  operation: "redeemGate",
  tag: "release",
  summary: "Use the token, once: everything is judged again, and the lease that credentials hang on begins",
  permission: "deployment.request",
  params: byGate,
  body: z.strictObject({
    token: secretText,
    service: entityName,
    digest,
    environment: entityName,
    action: action.default("deploy"),
  }),
  answers: {
    200: z.strictObject({ gate, lease: z.string(), fence: z.int(), expiresAt: instant }).meta({ id: "RedeemedGate" }),
  },
  problems: [
    "no-such-gate",
    "wrong-gate-token",
    "token-used",
    "token-void",
    "token-expired",
    "wrong-target",
    "content-changed",
    "not-allowed",
  ],
  idempotent: false,
});

export const reportGateResult = defineRoute({
  method: "post",
  path: "/v1/gates/:id/result",
  operation: "reportGateResult",
  tag: "release",
  summary: "How the pipeline ended and what is live now: inventory, lock and record",
  permission: "deployment.request",
  params: byGate,
  body: z.strictObject({
    lease: secretText,
    outcome: z.enum(["succeeded", "failed"]),
    /** The version that the target shows; after a failure nothing is assumed without it. */
    live: version.nullable().default(null),
  }),
  answers: { 200: gate },
  problems: ["no-such-gate", "bad-lease", "not-started", "other-result"],
});

export const cancelGate = defineRoute({
  method: "post",
  path: "/v1/gates/:id/cancel",
  operation: "cancelGate",
  tag: "release",
  summary: "Withdraw a question that has not started",
  permission: "deployment.request",
  params: byGate,
  body: z.strictObject({ reason: z.string().min(1).max(2000) }),
  answers: { 200: gate },
  problems: ["no-such-gate", "not-your-gate", "already-ended", "already-started"],
});

/** For a broker of credentials: what the holder of a lease may do now. */
export const checkLease = defineRoute({
  method: "post",
  path: "/v1/leases/check",
  operation: "checkLease",
  tag: "release",
  summary: "Whether a lease is in force, and for exactly what",
  permission: "deployment.read",
  body: z.strictObject({ lease: secretText }),
  answers: {
    200: z
      .strictObject({
        active: z.boolean(),
        /** null: no lease of this installation, or one that is over. */
        lease: z
          .strictObject({
            gate: z.string(),
            service: z.string(),
            version: z.string(),
            digest: z.string(),
            environment: z.string(),
            action: z.string(),
            fence: z.int(),
            expiresAt: instant,
          })
          .nullable(),
      })
      .meta({ id: "LeaseCheck" }),
  },
  idempotent: false,
});

export const violation = z
  .strictObject({
    id: z.string(),
    service: z.string(),
    environment: z.string(),
    seen: z.strictObject({ version: z.string(), digest: z.string() }),
    recorded: z.strictObject({ version: z.string(), digest: z.string() }),
    firstSeenAt: instant,
    lastSeenAt: instant,
    /** null: it is still so. */
    endedAt: instant.nullable(),
    sentence: z.string(),
  })
  .meta({ id: "Violation" });

export const listViolations = defineRoute({
  method: "get",
  path: "/v1/violations",
  operation: "listViolations",
  tag: "release",
  summary: "Versions that are live and that no deployment and no gate has brought there, newest first",
  permission: "deployment.read",
  query: z.strictObject({ ...pageQuery.shape, state: z.enum(["open", "all"]).default("open") }),
  answers: { 200: z.strictObject({ items: z.array(violation), next: z.string().nullable() }) },
});
