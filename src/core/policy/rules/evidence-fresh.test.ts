import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import type { EvidenceDemand } from "#core/policy/policy.ts";
import { evidenceFresh } from "#core/policy/rules/evidence-fresh.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { at, someFacts } from "#core/testing.ts";
import { anEvidence, aPolicy, hours, someDigest } from "#core/testing-demands.ts";

function demand(kind: string, overrides: Partial<EvidenceDemand> = {}): EvidenceDemand {
  return { kind, min: null, max: null, maxAge: null, ruleSet: null, ...overrides };
}

function judged(demands: readonly EvidenceDemand[], overrides: Partial<Facts>, now = "2026-03-25T08:00Z"): string {
  const facts = someFacts({ policies: [aPolicy({ evidence: demands })], ...overrides });
  const { outcome, code } = valueAt(evidenceFresh.judge(facts), at(now));
  return `${outcome} ${code}`;
}

const coverage = demand("coverage", { min: 80 });
const findings = demand("sast", { max: 0, ruleSet: "2.9.0" });

for (const [title, demands, evidence, expected] of [
  ["is silent when nothing is demanded", [], [], "not-applicable no-evidence-demanded"],
  ["passes at the least value", [coverage], [anEvidence("coverage", { value: 80 })], "pass evidence-there"],
  ["denies below it", [coverage], [anEvidence("coverage", { value: 79.9 })], "deny evidence-below"],
  ["denies what has no figure where one is demanded", [coverage], [anEvidence("coverage")], "deny evidence-below"],
  ["denies what is missing", [coverage], [anEvidence("unit-tests")], "deny evidence-missing"],
  ["denies what failed", [coverage], [anEvidence("coverage", { value: 99, outcome: "fail" })], "deny evidence-failed"],
  [
    "holds while there is not enough yet",
    [coverage],
    [anEvidence("coverage", { outcome: "not-enough" })],
    "hold evidence-not-enough",
  ],
  [
    "denies above the greatest value",
    [findings],
    [anEvidence("sast", { value: 1, ruleSet: "2.10.0" })],
    "deny evidence-above",
  ],
  [
    "compares rule sets as versions",
    [findings],
    [anEvidence("sast", { value: 0, ruleSet: "2.10.0" })],
    "pass evidence-there",
  ],
  [
    "denies an older rule set",
    [findings],
    [anEvidence("sast", { value: 0, ruleSet: "2.8.9" })],
    "deny evidence-rule-set",
  ],
  ["denies a rule set nobody can place", [findings], [anEvidence("sast", { value: 0 })], "deny evidence-rule-set"],
  [
    "does not count another digest",
    [coverage],
    [anEvidence("coverage", { value: 90, digest: "sha256:b" })],
    "deny evidence-missing",
  ],
  [
    "counts the newest of one source",
    [coverage],
    [
      anEvidence("coverage", { value: 70, at: at("2026-03-20T00:00Z") }),
      anEvidence("coverage", { value: 81, at: at("2026-03-21T00:00Z") }),
    ],
    "pass evidence-there",
  ],
  [
    "does not let one source outvote the failure of another",
    [demand("sast")],
    [
      anEvidence("sast", { outcome: "fail", source: "a", at: at("2026-03-20T00:00Z") }),
      anEvidence("sast", { source: "b", at: at("2026-03-21T00:00Z") }),
    ],
    "deny evidence-failed",
  ],
] as const) {
  test(`evidence-fresh ${title}`, () => assert.equal(judged(demands, { evidence }), expected));
}

test("evidence is fresh up to, and not at, its age limit", () => {
  const demands = [demand("load-test", { maxAge: hours(48) })];
  const evidence = [anEvidence("load-test", { at: at("2026-03-24T08:00Z") })];
  assert.equal(judged(demands, { evidence }, "2026-03-26T07:59:59.999Z"), "pass evidence-there");
  assert.equal(judged(demands, { evidence }, "2026-03-26T08:00Z"), "deny evidence-stale");
});

test("all that is missing is said at once, each with a remedy for whoever supplies it", () => {
  const policies = [aPolicy({ evidence: [coverage, demand("load-test"), demand("unit-tests")] })];
  const evidence = [anEvidence("coverage", { value: 78, source: "sonar" }), anEvidence("unit-tests")];
  const judgement = valueAt(evidenceFresh.judge(someFacts({ policies, evidence })), at("2026-03-25T08:00Z"));
  assert.equal(judgement.code, "evidence-missing");
  assert.equal(judgement.sentence, "Coverage is 78, below 80 and load-test is missing; demanded by policy base.");
  assert.deepEqual("remedies" in judgement && judgement.remedies, [
    { kind: "supply-evidence", who: "sonar", what: `Supply coverage on ${someDigest}.` },
    { kind: "supply-evidence", who: "team basket", what: `Supply load-test on ${someDigest}.` },
  ]);
  assert.equal(judgement.evidence?.length, 4);
});

test("a source of facts that keeps no evidence is no obstacle, an unregistered artifact is", () => {
  assert.equal(judged([coverage], { evidence: "assumed" }), "not-applicable evidence-assumed");
  assert.equal(judged([coverage], { artifact: null }), "unknown digest-unknown");
  assert.equal(judged([coverage], { service: null }), "unknown scope-unknown");
});
