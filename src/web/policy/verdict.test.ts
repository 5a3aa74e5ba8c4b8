import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder, quietSummary, verdictLook, type Finding, type Verdict } from "#web/policy/verdict.ts";

const now = Temporal.Instant.from("2026-03-25T08:00:00Z");
const findings = (["pass", "wait", "not-applicable", "deny", "unknown", "hold", "pass"] as const).map(
  (outcome, index): Finding => ({
    rule: `rule-${index}`,
    ruleVersion: "1",
    outcome,
    code: outcome,
    sentence: `Sentence ${index}.`,
    until: null,
    evidence: [],
    remedies: [],
  }),
);

function aVerdict(part: Partial<Verdict>): Verdict {
  return {
    verdict: "wait",
    at: "2026-03-25T08:00:00Z",
    subject: {
      service: "api",
      version: "1.0.0",
      environment: "prod",
      action: "deploy",
      class: "normal",
      invoker: "person",
      requestedBy: "bob",
      contentDigest: null,
      onBehalfOf: null,
    },
    findings,
    nextOpening: "2026-03-28T00:00:00Z",
    openings: [],
    counterfactuals: [],
    factsDigest: "sha256:0",
    zoneData: "2026c",
    ...part,
  };
}

test("What stands in the way comes first, the strongest at the top, and every finding stays", () => {
  const order = inOrder(findings).map((one) => one.outcome);
  assert.deepEqual(order, ["deny", "unknown", "hold", "wait", "pass", "pass", "not-applicable"]);
});

test("A verdict that is not allowed says how many rules stand in the way and when it opens", () => {
  assert.equal(verdictLook(aVerdict({}), now).summary, "4 of 7 rules in the way; opens in 2 d 16 h");
  assert.match(verdictLook(aVerdict({ nextOpening: null }), now).summary, /; waiting alone does not open it$/);
});

test("An allowed verdict says that all rules pass", () => {
  const passing = findings.filter((one) => one.outcome === "pass");
  const look = verdictLook(aVerdict({ verdict: "allow", findings: passing, nextOpening: null }), now);
  assert.deepEqual([look.label, look.summary], ["Allowed", "all 2 rules pass"]);
});

test("Quiet findings are counted by outcome", () => {
  assert.equal(quietSummary(findings), "2 pass, 1 not applicable");
});
