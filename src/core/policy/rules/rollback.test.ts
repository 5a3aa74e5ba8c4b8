import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import type { Judgement } from "#core/policy/finding.ts";
import type { RollbackDemand } from "#core/policy/policy.ts";
import type { Rule } from "#core/policy/rule.ts";
import { fitsBeforeClosing } from "#core/policy/rules/fits-before-closing.ts";
import { rollbackPlanComplete } from "#core/policy/rules/rollback-plan-complete.ts";
import { rollbackRehearsed } from "#core/policy/rules/rollback-rehearsed.ts";
import { valueAt } from "#core/policy/timeline.ts";
import type { EvidenceRecord } from "#core/release/reports.ts";
import type { RollbackPlan } from "#core/rollback/plan.ts";
import { rehearsalSource } from "#core/rollback/rehearsal.ts";
import { aService, aSubject, at, aWindow, someFacts } from "#core/testing.ts";
import { aPolicy } from "#core/testing-demands.ts";

const now = "2026-03-25T08:00Z";
const days = (count: number): Temporal.Duration => Temporal.Duration.from({ days: count });
const minutes = (count: number): Temporal.Duration => Temporal.Duration.from({ minutes: count });

const plan: RollbackPlan = {
  service: "cart",
  document: "cart-back",
  triggers: ["More than 2 % of the orders fail."],
  steps: ["All traffic goes back."],
  expected: minutes(20),
  pointOfNoReturn: null,
  limits: [{ service: "ledger-core", cannot: "Postings stay posted.", remedy: "Reverse them." }],
};
const service = aService({ dependsOn: [{ on: "ledger-core", kind: "message", versions: null }] });
const facts = someFacts();
const { version } = facts.subject;
const digest = facts.artifact === null || facts.artifact === "assumed" ? "" : facts.artifact.digest;
const deployed = [{ service: "cart", version: "4.9.0", environment: "prod-emea", since: at("2026-03-01T00:00Z") }];

function demanding(rollback: Partial<RollbackDemand>): Partial<Facts> {
  return {
    policies: [aPolicy({ rollback: { plan: "none", rehearsedWithin: null, ...rollback } }, { name: "way-back" })],
  };
}

function judged(rule: Rule, overrides: Partial<Facts>, moment = now): Judgement {
  return valueAt(rule.judge(someFacts({ service, deployed, ...overrides })), at(moment));
}

const highRisk = { subject: aSubject({ risk: "high" }) };

for (const [title, overrides, outcome, code] of [
  ["demands nothing without a policy", {}, "not-applicable", "no-plan-demanded"],
  [
    "denies a change of high risk without a plan",
    { ...demanding({ plan: "high-risk" }), ...highRisk },
    "deny",
    "plan-missing",
  ],
  [
    "lets a change of low risk go without one",
    { ...demanding({ plan: "high-risk" }), subject: aSubject({ risk: "low" }) },
    "not-applicable",
    "low-risk",
  ],
  [
    "denies every change where every change needs one",
    { ...demanding({ plan: "every-change" }), subject: aSubject({ risk: "low" }) },
    "deny",
    "plan-missing",
  ],
  [
    "denies a plan without a limit for an asynchronous edge",
    { ...demanding({ plan: "high-risk" }), ...highRisk, rollback: { ...plan, limits: [] } },
    "deny",
    "limit-missing",
  ],
  [
    "denies a plan of which nobody knows how long it takes",
    { ...demanding({ plan: "high-risk" }), ...highRisk, rollback: { ...plan, expected: null } },
    "deny",
    "duration-missing",
  ],
  [
    "passes a whole plan",
    { ...demanding({ plan: "high-risk" }), ...highRisk, rollback: plan },
    "pass",
    "plan-complete",
  ],
  [
    "does not ask what goes back for a way back",
    { ...demanding({ plan: "every-change" }), subject: aSubject({ action: "roll-back" }) },
    "not-applicable",
    "goes-back",
  ],
] as const satisfies readonly (readonly [string, Partial<Facts>, string, string])[]) {
  test(`rollback-plan-complete ${title}`, () => {
    const found = judged(rollbackPlanComplete, overrides);
    assert.deepEqual([found.outcome, found.code], [outcome, code]);
  });
}

test("rollback-plan-complete names the edge without a limit, and who can add one", () => {
  const found = judged(rollbackPlanComplete, {
    ...demanding({ plan: "high-risk" }),
    ...highRisk,
    rollback: { ...plan, limits: [] },
  });
  assert.equal(
    found.sentence,
    "The plan of the way back is incomplete: it does not say what going back leaves behind at ledger-core (message); demanded by policy way-back.",
  );
  assert.deepEqual("remedies" in found ? found.remedies.map(({ what }) => what) : [], [
    "Add a limit for ledger-core to Rollback cart-back.",
  ]);
});

test("a service that reads our messages asks for a limit as well as one that we write to", () => {
  const reader = aService({ name: "mailer", dependsOn: [{ on: "cart", kind: "message", versions: null }] });
  const found = judged(rollbackPlanComplete, {
    ...demanding({ plan: "high-risk" }),
    ...highRisk,
    rollback: plan,
    dependants: [reader],
  });
  assert.match(found.sentence, /at mailer \(message\)/);
});

function rehearsed(overrides: Partial<EvidenceRecord> = {}): EvidenceRecord {
  return {
    digest,
    kind: "rehearsal",
    outcome: "pass",
    value: 38 * 60,
    ruleSet: null,
    source: rehearsalSource("4.9.0"),
    at: at("2026-03-20T08:00Z"),
    ref: "run_1",
    ...overrides,
  };
}

const recently = demanding({ rehearsedWithin: days(14) });
for (const [title, overrides, outcome, code] of [
  ["demands nothing without a policy", {}, "not-applicable", "no-rehearsal-demanded"],
  ["denies what was never rehearsed", { ...recently, evidence: [] }, "deny", "rehearsal-missing"],
  ["passes a rehearsal of just this pair", { ...recently, evidence: [rehearsed()] }, "pass", "rehearsed"],
  [
    "denies a rehearsal of another digest",
    { ...recently, evidence: [rehearsed({ digest: "sha256:other" })] },
    "deny",
    "rehearsal-missing",
  ],
  [
    "denies a rehearsal that went back to another version",
    { ...recently, evidence: [rehearsed({ source: rehearsalSource("4.8.0") })] },
    "deny",
    "rehearsal-missing",
  ],
  [
    "denies one after which rows were not the same",
    { ...recently, evidence: [rehearsed({ outcome: "fail" })] },
    "deny",
    "rehearsal-failed",
  ],
  [
    "denies one that is older than fourteen days",
    { ...recently, evidence: [rehearsed({ at: at("2026-03-11T08:00Z") })] },
    "deny",
    "rehearsal-stale",
  ],
  [
    "asks for none where nothing is live",
    { ...recently, evidence: [], deployed: [] },
    "not-applicable",
    "nothing-to-go-back-to",
  ],
  [
    "cannot say while the inventory cannot be read",
    { ...recently, evidence: [], deployed: "unknown" },
    "unknown",
    "inventory-unknown",
  ],
] as const satisfies readonly (readonly [string, Partial<Facts>, string, string])[]) {
  test(`rollback-rehearsed ${title}`, () => {
    const found = judged(rollbackRehearsed, overrides);
    assert.deepEqual([found.outcome, found.code], [outcome, code]);
  });
}

test("rollback-rehearsed ends with the fourteenth day, on its timeline", () => {
  const overrides = { ...recently, evidence: [rehearsed({ at: at("2026-03-12T08:00Z") })] };
  assert.equal(judged(rollbackRehearsed, overrides, "2026-03-26T07:59Z").code, "rehearsed");
  assert.equal(judged(rollbackRehearsed, overrides, "2026-03-26T08:00Z").code, "rehearsal-stale");
});

const window = { windows: [aWindow()] };
const durations = [{ service: "cart", environment: "prod-emea", p95: minutes(0), rollbackP95: minutes(15) }];
/** The window closes on 28 March at 04:00Z. */
const half = "2026-03-28T03:30Z";

test("a way back of 40 minutes does not fit into the half hour that is left", () => {
  const found = judged(fitsBeforeClosing, { ...window, durations, rollback: { ...plan, expected: minutes(40) } }, half);
  assert.equal(found.code, "does-not-fit");
  assert.match(found.sentence, /^The run needs 0 min and 40 min for a rollback, as planned, and it closes on /);
  const fits = judged(fitsBeforeClosing, { ...window, durations, rollback: plan }, half);
  assert.equal(fits.code, "fits");
});

test("38 minutes that a rehearsal has measured take the place of the 20 of the estimate", () => {
  const measured = { ...window, durations, rollback: plan, evidence: [rehearsed()] };
  const found = judged(fitsBeforeClosing, measured, half);
  assert.equal(found.code, "does-not-fit");
  assert.match(found.sentence, /38 min for a rollback, as rehearsed/);
  const ofAnother = { ...measured, evidence: [rehearsed({ source: rehearsalSource("4.8.0") })] };
  assert.equal(judged(fitsBeforeClosing, ofAnother, half).code, "fits");
});

test("the longer of plan and history counts until somebody has measured", () => {
  const slow = [{ service: "cart", environment: "prod-emea", p95: minutes(0), rollbackP95: minutes(31) }];
  assert.equal(judged(fitsBeforeClosing, { ...window, durations: slow, rollback: plan }, half).code, "does-not-fit");
});

test("a plan alone is fitted where nobody knows how long the run takes", () => {
  const long = { ...window, durations: [], rollback: { ...plan, expected: minutes(40) } };
  assert.equal(judged(fitsBeforeClosing, long, half).code, "does-not-fit");
  assert.equal(judged(fitsBeforeClosing, { ...window, durations: [] }, half).code, "duration-unknown");
});

test("the tests go from one version to another", () => {
  assert.notEqual(version, "4.9.0");
});
