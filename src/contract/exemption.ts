import { z } from "zod";
import { byDeployment, deploymentId, entityName, givenInstant, instant, pageQuery } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";
import { scope } from "#contract/scope.ts";

const reason = z.string().min(1).max(2000);
const person = z.string();
const control = z.string().min(1).max(200);

/** Where something granted was used: a start that it let through. */
export const deviationUse = z
  .strictObject({
    /** `EX-12` or `OV-3`. */
    deviation: z.string(),
    kind: z.enum(["exemption", "override"]),
    rule: z.string(),
    deployment: deploymentId,
    verdict: z.string(),
    gate: z.string(),
    /** Who asked for the deployment. */
    person: person.nullable(),
    at: instant,
    service: z.string(),
    version: z.string(),
    environment: z.string(),
  })
  .meta({ id: "DeviationUse" });

export const exemption = z
  .strictObject({
    /** `EX-12`. */
    id: z.string(),
    type: z.string(),
    /** requested: nobody has approved it · planned: approved, not begun · in-force · ended · revoked. */
    state: z.enum(["requested", "planned", "in-force", "ended", "revoked"]),
    rule: z.string(),
    codes: z.array(z.string()),
    /** Kinds of evidence; empty: all. */
    subjects: z.array(z.string()),
    scope,
    justification: z.string(),
    controls: z.array(z.string()),
    from: instant,
    until: instant,
    /** The one that it follows upon. */
    renews: z.string().nullable(),
    renewal: z.int(),
    requestedBy: person,
    requestedAt: instant,
    approvals: z.array(z.strictObject({ person, at: instant })),
    revoked: z.strictObject({ at: instant, by: person, reason: z.string() }).nullable(),
    uses: z.int(),
  })
  .meta({ id: "Exemption" });

const override = z
  .strictObject({
    /** `OV-3`. */
    id: z.string(),
    deployment: deploymentId,
    rule: z.string(),
    code: z.string(),
    /** What of the rule stopped when it was given; what stops later is not let through. Empty: the rule as a whole. */
    subjects: z.array(z.string()),
    contentDigest: z.string(),
    by: person,
    right: z.string(),
    reason: z.string(),
    at: instant,
    until: instant,
  })
  .meta({ id: "Override" });

const byExemption = z.strictObject({ id: z.string().regex(/^EX-\d{1,12}$/, "an exemption such as EX-12") });

const exemptionType = z
  .strictObject({
    name: z.string(),
    rule: z.string(),
    codes: z.array(z.string()),
    /** Kinds of evidence; empty: all. */
    subjects: z.array(z.string()),
    scope,
    /** What has to be in place at every use. */
    controls: z.array(z.string()),
    maxDuration: z.iso.duration(),
    /** How often one may follow upon another. */
    renewals: z.int(),
  })
  .meta({ id: "ExemptionType" });

export const listExemptionTypes = defineRoute({
  method: "get",
  path: "/v1/exemption-types",
  operation: "listExemptionTypes",
  tag: "exemption",
  summary: "The sorts of exemption that are granted at all",
  permission: "deployment.read",
  answers: { 200: z.strictObject({ items: z.array(exemptionType) }) },
});

export const requestExemption = defineRoute({
  method: "post",
  path: "/v1/exemptions",
  operation: "requestExemption",
  tag: "exemption",
  summary: "Ask for a time-boxed exemption of a declared type; compliance has to approve it",
  permission: "exemption.request",
  body: z.strictObject({
    type: entityName,
    /** Within the scope of the type, which counts where nothing is named. */
    scope: scope.default({}),
    subjects: z.array(entityName).max(20).default([]),
    /** On top of those of the type. */
    controls: z.array(control).max(10).default([]),
    justification: reason,
    /** null: from now on. */
    from: givenInstant.nullable().default(null),
    until: givenInstant,
    renews: byExemption.shape.id.nullable().default(null),
  }),
  answers: { 200: exemption },
  problems: [
    "no-such-exemption-type",
    "no-such-exemption",
    "bad-span",
    "too-long",
    "outside-type",
    "unverifiable-control",
    "exempts-nothing",
    "already-renewed",
    "other-type",
    "renewals-used-up",
    "too-many-exemptions",
  ],
});

export const approveExemption = defineRoute({
  method: "post",
  path: "/v1/exemptions/:id/approve",
  operation: "approveExemption",
  tag: "exemption",
  summary: "Approve an exemption that somebody else asked for",
  permission: "exemption.approve",
  params: byExemption,
  answers: { 200: exemption },
  problems: ["no-such-exemption", "own-request", "exemption-over", "already-approved", "renewals-used-up"],
});

export const revokeExemption = defineRoute({
  method: "post",
  path: "/v1/exemptions/:id/revoke",
  operation: "revokeExemption",
  tag: "exemption",
  summary: "End an exemption before its time",
  permission: "exemption.approve",
  params: byExemption,
  body: z.strictObject({ reason }),
  answers: { 200: exemption },
  problems: ["no-such-exemption", "exemption-over"],
});

export const listExemptions = defineRoute({
  method: "get",
  path: "/v1/exemptions",
  operation: "listExemptions",
  tag: "exemption",
  summary: "Exemptions, newest first",
  permission: "deployment.read",
  /** `all`: those that have ended or were revoked too. */
  query: z.strictObject({ ...pageQuery.shape, show: z.enum(["open", "all"]).default("open") }),
  answers: { 200: z.strictObject({ items: z.array(exemption), next: z.string().nullable() }) },
});

export const getExemption = defineRoute({
  method: "get",
  path: "/v1/exemptions/:id",
  operation: "getExemption",
  tag: "exemption",
  summary: "One exemption with its uses",
  permission: "deployment.read",
  params: byExemption,
  answers: { 200: z.strictObject({ exemption, uses: z.array(deviationUse) }) },
  problems: ["no-such-exemption"],
});

export const exportRegister = defineRoute({
  method: "get",
  path: "/v1/deviations",
  operation: "exportRegister",
  tag: "exemption",
  summary: "The deviation register: exemptions and overrides with their reasons, controls, users and uses",
  permission: "audit.read",
  answers: {
    200: z.strictObject({
      at: instant,
      exemptions: z.array(exemption),
      overrides: z.array(override),
      uses: z.array(deviationUse),
    }),
  },
});

export const overrideFinding = defineRoute({
  method: "post",
  path: "/v1/deployments/:id/overrides",
  operation: "overrideFinding",
  tag: "exemption",
  summary: "Pass one finding of one deployment for some hours, with a reason; never on one's own request or work",
  permission: "finding.override",
  params: byDeployment,
  body: z.strictObject({
    rule: entityName,
    reason,
    /** ISO 8601; four hours when left out, eight at most. */
    lasts: z
      .string()
      .regex(/^PT(\d{1,2}H)?(\d{1,3}M)?$/, "hours and minutes such as PT4H or PT90M")
      .refine((text) => text !== "PT", "hours and minutes such as PT4H or PT90M")
      .nullable()
      .default(null),
  }),
  answers: { 200: override },
  problems: [
    "no-such-deployment",
    "already-ended",
    "no-such-finding",
    "not-stopping",
    "not-overridable",
    "own-request",
    "own-work",
    "bad-span",
  ],
});

export const listOverrides = defineRoute({
  method: "get",
  path: "/v1/deployments/:id/overrides",
  operation: "listOverrides",
  tag: "exemption",
  summary: "What of a deployment was overridden, newest first",
  permission: "deployment.read",
  params: byDeployment,
  answers: { 200: z.strictObject({ items: z.array(override) }) },
});
