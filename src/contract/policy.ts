import { z } from "zod";
import { givenInstant, instant } from "#contract/common.ts";
import { sourceFiles } from "#contract/configuration.ts";
import { defineRoute } from "#contract/route.ts";
import { scope } from "#contract/scope.ts";

/** A draft is what would change, not the organisation; reading more would keep the server from others. */
const draftBodyLimit = 512 * 1024;

const line = {
  name: z.string(),
  level: z.enum(["central", "overlay"]).nullable(),
  /** Team that answers for it. */
  owner: z.string().nullable(),
  /** What it is about; null: the stored document cannot be read. */
  scope: scope.nullable(),
  /** Digest of the document: what verdicts cite. */
  version: z.string(),
  appliedAt: instant,
  appliedBy: z.string(),
  /** In force in `[from, until)` as the document says; null: always before, for ever after. */
  from: instant.nullable(),
  until: instant.nullable(),
  inForce: z.boolean(),
  /** Why the stored document cannot be read; then what it may match is not allowed. null: it can. */
  unreadable: z.string().nullable(),
  serviceCount: z.int(),
  /** Rules whose answers its settings decide. */
  rules: z.array(z.string()),
  clauses: z.int(),
  bounds: z.array(z.strictObject({ setting: z.string(), least: z.number(), most: z.number() })),
};

export const policyLine = z.strictObject(line).meta({ id: "Policy" });

export const listPolicies = defineRoute({
  method: "get",
  path: "/v1/policies",
  operation: "listPolicies",
  tag: "policy",
  summary: "The policies of the configuration in force, with what they match and the rules they decide",
  permission: "configuration.read",
  answers: { 200: z.strictObject({ items: z.array(policyLine) }) },
});

export const showPolicy = defineRoute({
  method: "get",
  path: "/v1/policies/:name",
  operation: "showPolicy",
  tag: "policy",
  summary: "One policy as it is in force or was in any version, with all versions and who applied them",
  permission: "configuration.read",
  params: z.strictObject({ name: z.string().min(1).max(63) }),
  query: z.strictObject({
    version: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, "sha256: and 64 hexadecimal digits")
      .optional(),
  }),
  answers: {
    200: z.strictObject({
      ...line,
      /** The document as YAML. */
      text: z.string(),
      /** Where it was written. */
      place: z.string(),
      services: z.array(z.string()),
      /** Newest first. */
      versions: z.array(
        z.strictObject({
          version: z.string(),
          from: instant,
          to: instant.nullable(),
          appliedBy: z.string(),
          place: z.string(),
        }),
      ),
    }),
  },
  problems: ["no-such-policy"],
});

const decision = z.enum(["allow", "wait", "hold", "deny"]);

export const policyCaseResult = z
  .strictObject({
    name: z.string(),
    description: z.string().nullable(),
    /** `path:line` where it was written. */
    place: z.string(),
    appliedAt: instant,
    appliedBy: z.string(),
    /** null: this version cannot read the case. */
    question: z
      .strictObject({
        service: z.string(),
        version: z.string(),
        environment: z.string(),
        action: z.string(),
        class: z.string(),
        at: instant,
      })
      .nullable(),
    /** One sentence for each expectation that is not met; none: it passes. */
    failures: z.array(z.string()),
    /** null when it was not judged. */
    verdict: decision.nullable(),
    /** Policies that decide a setting in it. */
    policies: z.array(z.string()),
  })
  .meta({ id: "PolicyCaseResult" });

export const listPolicyCases = defineRoute({
  method: "get",
  path: "/v1/policy-cases",
  operation: "listPolicyCases",
  tag: "policy",
  summary: "How the cases of the folder that was applied last stand under the configuration in force",
  permission: "configuration.read",
  answers: {
    200: z.strictObject({
      /** Those that fail first, then by name. */
      items: z.array(policyCaseResult),
      /** Cases that were not judged, because one answer has its limits. */
      left: z.int(),
    }),
  },
});

const changeKind = z.enum(["newly-blocked", "newly-allowed", "delayed", "earlier", "other"]);
const tally = { count: z.int(), failed: z.int(), fixes: z.int() };

export const backtestChange = z
  .strictObject({
    kind: changeKind,
    verdict: z.string(),
    deployment: z.string().nullable(),
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    at: instant,
    was: decision,
    would: decision,
    wasOpensAt: instant.nullable(),
    wouldOpensAt: instant.nullable(),
    delaySeconds: z.int().nullable(),
    because: z.array(z.strictObject({ rule: z.string(), code: z.string(), sentence: z.string() })),
    /** What became of the deployment. */
    state: z.string().nullable(),
    failed: z.boolean(),
    fix: z.boolean(),
  })
  .meta({ id: "BacktestChange" });

export const backtestSummary = z
  .strictObject({
    deployments: z.int(),
    same: z.int(),
    byKind: z.record(changeKind, z.strictObject(tally)),
    byRule: z.array(z.strictObject({ rule: z.string(), code: z.string(), ...tally })),
    delay: z.strictObject({
      count: z.int(),
      p50Seconds: z.int().nullable(),
      maxSeconds: z.int().nullable(),
      meanSeconds: z.int(),
      withoutOpening: z.int(),
    }),
    sentences: z.array(z.string()),
  })
  .meta({ id: "BacktestSummary" });

export const backtestPage = z
  .strictObject({
    draft: z.array(
      z.strictObject({ kind: z.string(), name: z.string(), change: z.enum(["added", "changed", "removed"]) }),
    ),
    ignored: z.array(z.string()),
    /** Recorded verdicts in the whole span. */
    total: z.int(),
    judged: z.int(),
    deployments: z.int(),
    replay: z.strictObject({
      comparable: z.int(),
      reproduced: z.int(),
      different: z.array(z.string()),
      olderRules: z.int(),
      olderZoneData: z.int(),
      unreadable: z.array(z.strictObject({ verdict: z.string(), message: z.string() })),
    }),
    changes: z.array(backtestChange),
    /** Of this answer alone. */
    summary: backtestSummary,
    next: z.string().nullable(),
  })
  .meta({ id: "BacktestPage" });

export const backTestPolicies = defineRoute({
  method: "post",
  path: "/v1/policies/backtest",
  operation: "backTestPolicies",
  tag: "policy",
  summary: "What a draft of policies, windows, freezes and routes would have done to the recorded verdicts",
  permission: "configuration.read",
  body: z.strictObject({
    files: sourceFiles.shape.files.min(0).default([]),
    remove: z.array(z.string().max(200)).max(200).default([]),
    since: givenInstant,
    until: givenInstant.optional(),
    /** As it came in `next`. */
    cursor: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,200}$/, "a cursor as it came in `next`")
      .optional(),
    limit: z.int().min(1).max(1000).default(500),
  }),
  answers: { 200: backtestPage },
  problems: ["invalid-configuration", "bad-span", "backtest-running", "backtests-full", "backtest-too-heavy"],
  idempotent: false,
  bodyLimit: draftBodyLimit,
});
