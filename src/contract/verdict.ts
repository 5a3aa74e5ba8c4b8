import { z } from "zod";
import { deploymentId, entityName, givenInstant, instant, version } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

export const remedy = z.strictObject({ who: z.string(), what: z.string(), kind: z.string() }).meta({ id: "Remedy" });
export const evidence = z
  .strictObject({ kind: z.string(), ref: z.string(), text: z.string() })
  .meta({ id: "Evidence" });
export const finding = z
  .strictObject({
    rule: z.string(),
    ruleVersion: z.string(),
    outcome: z.enum(["pass", "not-applicable", "wait", "hold", "deny", "unknown"]),
    code: z.string(),
    sentence: z.string(),
    until: instant.nullable(),
    evidence: z.array(evidence),
    remedies: z.array(remedy),
  })
  .meta({ id: "Finding" });

export const verdict = z
  .strictObject({
    verdict: z.enum(["allow", "wait", "hold", "deny"]),
    at: instant,
    subject: z.strictObject({
      service: z.string(),
      version: z.string(),
      environment: z.string(),
      action: z.string(),
      class: z.string(),
      invoker: z.string(),
      requestedBy: z.string().nullable(),
      contentDigest: z.string().nullable(),
      onBehalfOf: z.string().nullable(),
    }),
    findings: z.array(finding),
    nextOpening: instant.nullable(),
    openings: z.array(z.strictObject({ from: instant, to: instant })),
    /** Why it does not open at the instant when the findings in the way would pass; left out when it does. */
    detour: z.strictObject({ at: instant, rule: z.string(), sentence: z.string() }).exactOptional(),
    /** IANA zone of the environment; left out when it is not known. */
    zone: z.string().exactOptional(),
    counterfactuals: z.array(
      z.strictObject({
        /** One line per remedy, for a person; `steps` has the same remedies with their parts. */
        remedies: z.array(z.string()),
        steps: z.array(z.strictObject({ rule: z.string(), kind: z.string(), who: z.string(), what: z.string() })),
        opensAt: instant.nullable(),
      }),
    ),
    factsDigest: z.string(),
    zoneData: z.string(),
  })
  .meta({ id: "Verdict" });

const question = {
  service: entityName,
  version,
  environment: entityName,
  action: z.enum(["deploy", "roll-back", "fix-forward", "config", "flag", "restart", "migrate"]).default("deploy"),
  class: z.enum(["standard", "normal", "emergency"]).default("normal"),
  at: givenInstant.optional(),
  /** As a request would say it; that of the service's tier if absent. */
  risk: z.enum(["low", "high"]).optional(),
  hasRollbackPlan: z.boolean().optional(),
  /** Asked about this deployment: its approvals, class, risk and slot count, and it does not stand in its own way. */
  deployment: deploymentId.optional(),
};

/** The question: may this go there, now or at another instant? Asking changes nothing; the answer is stored. */
export const askVerdict = defineRoute({
  method: "post",
  path: "/v1/verdicts",
  operation: "askVerdict",
  tag: "policy",
  summary: "Whether and when a version may go to an environment, with every reason",
  permission: "verdict.ask",
  body: z.strictObject(question),
  answers: { 200: verdict },
  problems: ["no-such-deployment"],
  idempotent: false,
});

const course = z.enum(["passes", "too-short", "waits", "stops"]);
const span = { from: instant, to: instant };

export const verdictOutline = z
  .strictObject({
    ...span,
    lanes: z.array(
      z.strictObject({
        rule: z.string(),
        ruleVersion: z.string(),
        stretches: z.array(z.strictObject({ ...span, course, sentence: z.string() })),
        /** The lane has more stretches than are listed and ends here. */
        cutAt: instant.nullable(),
      }),
    ),
    /** All rules together: the strongest of them. */
    joint: z.array(z.strictObject({ ...span, course })),
    /** Where a run fits in, as in the verdict. */
    openings: z.array(z.strictObject(span)),
  })
  .meta({ id: "VerdictOutline" });

/** What the verdict is made of, as stretches of time for a picture. Nothing is stored: it is no answer to act on. */
export const outlineVerdict = defineRoute({
  method: "post",
  path: "/v1/verdicts/timeline",
  operation: "outlineVerdict",
  tag: "policy",
  summary: "How each rule stands from an instant on: passes, too short, waits or stops",
  permission: "verdict.ask",
  body: z.strictObject({
    ...question,
    /** How far; 14 days when left out. At most as far as verdicts look ahead. */
    to: givenInstant.optional(),
  }),
  answers: { 200: verdictOutline },
  problems: ["no-such-deployment", "bad-span"],
  idempotent: false,
});
