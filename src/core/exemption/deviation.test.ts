import assert from "node:assert/strict";
import { test } from "node:test";
import { stoppingSubjects, withDeviations } from "#core/exemption/deviation.ts";
import type { Exemption, Override } from "#core/exemption/exemption.ts";
import type { Facts } from "#core/policy/facts.ts";
import { environmentPath } from "#core/policy/rules/environment-path.ts";
import { evidenceFresh } from "#core/policy/rules/evidence-fresh.ts";
import { freezeInForce } from "#core/policy/rules/freeze-in-force.ts";
import { riskWithinAppetite } from "#core/policy/rules/risk-within-appetite.ts";
import { passes, placeAt, valueAt } from "#core/policy/timeline.ts";
import { aFreeze, anArtifact, aPerson, aSubject, at, peopleOf, someFacts } from "#core/testing.ts";
import { anEvidence, aPolicy } from "#core/testing-demands.ts";

const demand = { min: null, max: null, maxAge: null, ruleSet: null };
const policies = [aPolicy({ evidence: [{ kind: "load-test", ...demand }] })];
const people = peopleOf(
  aPerson("gia", { roles: ["compliance"] }),
  aPerson("ann", { roles: ["developer"] }),
  aPerson("liv", { roles: ["release-manager"] }),
);
const canary = {
  name: "day-long",
  scope: {},
  priority: 1,
  stages: [
    { percent: 5, minSeconds: 86_400, maxSeconds: 86_400, minRequests: 1 },
    { percent: 100, minSeconds: 0, maxSeconds: 60, minRequests: 0 },
  ],
};

const ex12: Exemption = {
  id: "EX-12",
  rule: "evidence-fresh",
  codes: ["evidence-missing"],
  subjects: ["load-test"],
  scope: { services: ["cart"] },
  justification: "no load test for cart",
  from: at("2026-03-01T00:00Z"),
  until: at("2026-04-01T00:00Z"),
  requestedBy: "ann",
  approvedBy: ["gia"],
  controls: ["canary:PT24H"],
  revokedAt: null,
};

const facts = someFacts({
  people,
  policies,
  strategies: [canary],
  exemptions: [ex12],
  subject: aSubject({ requestedBy: "liv", contentDigest: "sha256:c", onBehalfOf: "dep_1" }),
});

function judged(more: Partial<Facts> = {}, now = "2026-03-25T08:00Z"): string {
  const asked = { ...facts, ...more };
  const timeline = withDeviations(evidenceFresh, evidenceFresh.judge(asked), asked);
  const { outcome, code } = valueAt(timeline, at(now));
  assert.equal(timeline.stanceOf(placeAt(timeline.borders, at(now).epochMilliseconds)) === passes, outcome === "pass");
  return `${outcome} ${code}`;
}

function sentence(more: Partial<Facts> = {}): string {
  const asked = { ...facts, ...more };
  return valueAt(withDeviations(evidenceFresh, evidenceFresh.judge(asked), asked), facts.at).sentence;
}

test("an exemption lets through what it names, says until when, and says what it would have been", () => {
  assert.equal(judged(), "pass exempted");
  assert.match(
    sentence(),
    /^Allowed by EX-12 \(no load test for cart\) until .*2026-04-01T00:00Z\); otherwise: Load-test is missing; demanded by/,
  );
});

for (const [title, more, now, expected] of [
  ["until the instant before its end", {}, "2026-03-31T23:59:59Z", "pass exempted"],
  ["and no longer from its end on", {}, "2026-04-01T00:00:00Z", "deny evidence-missing"],
] as const) {
  test(`an exemption counts ${title}`, () => assert.equal(judged(more, now), expected));
}

for (const [title, more] of [
  ["whose control is not in place", { strategies: [] }],
  ["that was revoked", { exemptions: [{ ...ex12, revokedAt: at("2026-03-20T00:00Z") }] }],
  ["for another code", { exemptions: [{ ...ex12, codes: ["evidence-stale"] }] }],
  ["without a code", { exemptions: [{ ...ex12, codes: [] }] }],
  ["for other evidence", { exemptions: [{ ...ex12, subjects: ["coverage"] }] }],
  ["for another service", { exemptions: [{ ...ex12, scope: { services: ["other"] } }] }],
  ["that only its requester approved", { exemptions: [{ ...ex12, approvedBy: ["ann"] }] }],
  ["that somebody without the role approved", { exemptions: [{ ...ex12, approvedBy: ["liv"] }] }],
  ["whose approver asks for the change", { subject: aSubject({ requestedBy: "gia" }) }],
  ["whose approver made the change", { artifact: anArtifact({ author: "gia" }) }],
  ["with a control that nobody can verify", { exemptions: [{ ...ex12, controls: ["prayer"] }] }],
] as const) {
  test(`no exemption counts ${title}`, () => assert.equal(judged(more), "deny evidence-missing"));
}

test("an exemption of no use says why", () => {
  assert.match(
    sentence({ strategies: [] }),
    /The exemption EX-12 is of no use: its control canary:PT24H is missing\.$/,
  );
});

test("an exemption of one kind of evidence lets no other through, and only the rest has to be supplied", () => {
  const both = [aPolicy({ evidence: ["load-test", "coverage"].map((kind) => ({ kind, ...demand })) })];
  const asked = { ...facts, policies: both };
  const timeline = withDeviations(evidenceFresh, evidenceFresh.judge(asked), asked);
  const judgement = valueAt(timeline, facts.at);
  assert.equal(judgement.outcome, "deny");
  assert.match(judgement.sentence, /^Coverage is missing\. The rest is allowed by EX-12/);
  assert.deepEqual("remedies" in judgement && judgement.remedies.map(({ what }) => what.slice(0, 15)), [
    "Supply coverage",
  ]);
  assert.notEqual(timeline.stanceOf(0), timeline.stanceOf(timeline.borders.length - 1));
});

test("evidence that failed cannot be exempted", () => {
  const failed = [anEvidence("load-test", { outcome: "fail" })];
  const all = [{ ...ex12, codes: ["evidence-failed", "evidence-missing"] }];
  assert.equal(judged({ evidence: failed, exemptions: all }), "deny evidence-failed");
});

const override: Override = {
  id: "OV-1",
  deployment: "dep_1",
  rule: "evidence-fresh",
  code: "evidence-missing",
  subjects: ["load-test"],
  contentDigest: "sha256:c",
  by: "gia",
  right: "finding.override",
  reason: "the load generator burnt down",
  at: at("2026-03-25T07:00Z"),
  until: at("2026-03-25T11:00Z"),
};

for (const [title, change, expected] of [
  ["passes its finding", {}, "pass overridden"],
  ["passes no finding of another code", { code: "evidence-stale" }, "deny evidence-missing"],
  ["serves no other content", { contentDigest: "sha256:d" }, "deny evidence-missing"],
  ["serves no other deployment", { deployment: "dep_2" }, "deny evidence-missing"],
  ["ends after some hours", { until: at("2026-03-25T08:00Z") }, "deny evidence-missing"],
  ["by the requester is none", { by: "liv" }, "deny evidence-missing"],
] as const) {
  test(`an override ${title}`, () => {
    assert.equal(judged({ exemptions: [], overrides: [{ ...override, ...change }] }), expected);
  });
}

test("an override passes what stopped when it was given, and nothing that stops later with the same code", () => {
  const both = [aPolicy({ evidence: ["load-test", "coverage"].map((kind) => ({ kind, ...demand })) })];
  const asked = { exemptions: [], policies: both };
  assert.equal(judged({ ...asked, overrides: [override] }), "deny evidence-missing");
  const whole = { ...override, subjects: stoppingSubjects(evidenceFresh, { ...facts, ...asked }, override.code) };
  assert.deepEqual(whole.subjects, ["coverage", "load-test"]);
  assert.equal(judged({ ...asked, overrides: [whole] }), "pass overridden");
});

test("of what an override passes only in part the rest is asked for, and can be passed by itself", () => {
  const both = [aPolicy({ evidence: ["load-test", "coverage"].map((kind) => ({ kind, ...demand })) })];
  const asked = { ...facts, exemptions: [], policies: both, overrides: [override] };
  assert.deepEqual(stoppingSubjects(evidenceFresh, asked, override.code), ["coverage"]);
});

test("a stage that goes missing after an override was given stops all the same", () => {
  const given = { ...override, rule: "environment-path", code: "stage-missing", subjects: ["staging"] };
  const path = { policies: [aPolicy({ promotion: { soak: Temporal.Duration.from("PT0S") } })], passed: [] };
  const stagesBefore = (names: readonly string[]): Facts => ({
    ...facts,
    ...path,
    exemptions: [],
    overrides: [given],
    stagesBefore: names,
  });
  const at1 = stagesBefore(["staging"]);
  const at2 = stagesBefore(["test", "staging"]);
  assert.equal(valueAt(withDeviations(environmentPath, environmentPath.judge(at1), at1), at1.at).outcome, "pass");
  assert.equal(valueAt(withDeviations(environmentPath, environmentPath.judge(at2), at2), at2.at).outcome, "deny");
});

test("a risk that has risen since it was passed stops again", () => {
  const given = { ...override, rule: "risk-within-appetite", code: "risk-too-high", subjects: ["score 74"] };
  const asked = (score: number): Facts => ({
    ...facts,
    exemptions: [],
    overrides: [given],
    policies: [aPolicy({ risk: { maxScore: 60, appetite: null, per: "environment" } })],
    riskScore: { service: "cart", version: "1.1.0", environment: "prod-emea", score, source: "risk", at: facts.at },
  });
  const outcomeOf = (score: number): string =>
    valueAt(withDeviations(riskWithinAppetite, riskWithinAppetite.judge(asked(score)), asked(score)), facts.at).outcome;
  assert.deepEqual([outcomeOf(74), outcomeOf(95)], ["pass", "deny"]);
});

test("an override of a time before what it passes was kept counts for all of its code", () => {
  assert.equal(judged({ exemptions: [], overrides: [{ ...override, subjects: undefined }] }), "pass overridden");
});

test("neither exemption nor override gets past an embargo or a hard freeze", () => {
  for (const strength of ["hard", "embargo"] as const) {
    const code = strength === "hard" ? "frozen" : "embargo";
    const asked = {
      ...facts,
      freezes: [aFreeze("2026-03-25T00:00", "2026-03-26T00:00", { strength })],
      exemptions: [{ ...ex12, rule: "freeze-in-force", codes: [code], subjects: [], controls: [] }],
      overrides: [{ ...override, rule: "freeze-in-force", code }],
    };
    const timeline = withDeviations(freezeInForce, freezeInForce.judge(asked), asked);
    assert.equal(valueAt(timeline, facts.at).code, code);
  }
});
