import assert from "node:assert/strict";
import { test } from "node:test";
import { effectiveSettings } from "#core/policy/effective.ts";
import type { PolicySettings } from "#core/policy/policy.ts";
import { sayDemands } from "#core/policy/say-demands.ts";
import { aPolicy } from "#core/testing-demands.ts";

const at = Temporal.Instant.from("2026-03-25T08:00Z");
const duration = (text: string): Temporal.Duration => Temporal.Duration.from(text);
const subject = {
  environment: "prod-emea",
  region: null,
  service: "cart",
  team: "checkout",
  unit: "retail",
  tier: 1,
  tags: [],
  dataClasses: [],
  class: "normal",
  action: "deploy",
  invoker: "person",
} as const;
const emergency = {
  approvals: 2,
  validFor: duration("PT2H"),
  criteria: [],
  reviewWithin: duration("P5D"),
  backMergeWithin: duration("P2D"),
  rehearsalWithin: null,
  stopsAfter: duration("P1D"),
};

const cases: readonly (readonly [Partial<PolicySettings>, readonly string[]])[] = [
  [
    { evidence: [{ kind: "coverage", min: 80, max: null, maxAge: duration("P30D"), ruleSet: "2.1.0" }] },
    ["Evidence of coverage, at least 80, no longer ago than 30 d, by rule set 2.1.0 or later"],
  ],
  [{ verification: { maxAge: null } }, ["The digest is verified"]],
  [{ ticket: { states: ["approved", "scheduled"] } }, ["A ticket that is approved or scheduled"]],
  [{ ticket: { states: [] } }, ["No ticket will do"]],
  [
    { risk: { maxScore: 40, appetite: 100, per: "unit" } },
    ["A risk score of at most 40", "At most 100 of booked risk on one day, per unit"],
  ],
  [{ errorBudget: { minLeft: 0.125 } }, ["At least 12.5 % of the error budget is left"]],
  [{ capacity: [{ resource: "db-1", max: 1 }] }, ["At most 1 change at the same time on db-1"]],
  [{ signals: { okFor: duration("PT30M") } }, ["Whatever it needs has been ok for 30 min"]],
  [
    { coreUpgrades: { services: ["identity-*"], soak: duration("PT2H"), criticalTiers: [0] } },
    ["A new major version of identity-* comes first, and 2 h after it; tier 0 passes with a notice"],
  ],
  [{ stabilisation: { lasts: duration("PT1H") } }, ["No neighbour has changed within 1 h"]],
  [{ promotion: { soak: duration("P1D") } }, ["Live for at least 1 d in every environment that comes before"]],
  [{ rollout: { canaryFor: ["high"] } }, ["A canary where the impact of a defect is high, or not known"]],
  [
    { rollback: { plan: "high-risk", rehearsedWithin: duration("P14D") } },
    [
      "Every change of high risk has a whole plan for its way back. The way back was rehearsed for the same versions, no longer ago than 14 d",
    ],
  ],
  [
    { emergency },
    [
      "An emergency needs 2 approvals of people on duty, is permitted for 2 h and owes a review within 5 d and a back-merge within 2 d; what is overdue for 1 d stops the team's other changes",
    ],
  ],
  [
    { clauses: [{ id: "small", expression: "true", sentence: "It is small.", who: "you", remedy: "Cut it." }] },
    ["It is small"],
  ],
  [{}, []],
];

test("Every setting is said in words, with the policies that demand it", () => {
  for (const [settings, words] of cases) {
    const said = sayDemands(effectiveSettings([aPolicy(settings)], subject, at));
    assert.deepEqual(
      said.map((demand) => demand.said),
      words,
    );
    for (const { sources } of said)
      assert.deepEqual(sources, [{ name: "base", version: "sha256:1", owner: "platform" }]);
  }
});
