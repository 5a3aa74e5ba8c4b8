import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Finding } from "#core/policy/finding.ts";
import { rules } from "#core/policy/registry.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import {
  aFreeze,
  anApproval,
  aPerson,
  aRoute,
  aService,
  aSubject,
  aWindow,
  at,
  fakeHash,
  peopleOf,
  someFacts,
} from "#core/testing.ts";
import { anEvidence, aPolicy, aSignal, aVerification, hours, someDigest } from "#core/testing-demands.ts";

// What the product promises of its verdicts, at the level of `evaluate`: all rules, as every gate asks them.

const environment = "prod-emea";
const options = { hash: fakeHash, zoneData: "any" };

function judged(overrides: Partial<Facts>): Verdict {
  return evaluate(rules, someFacts(overrides), options);
}

function findingOf(verdict: Verdict, rule: string): Finding {
  const found = verdict.findings.find((finding) => finding.rule === rule);
  assert.ok(found !== undefined, `there is no finding of ${rule}`);
  return found;
}

function stoppingRules({ findings }: Verdict): readonly string[] {
  return findings.filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable").map(({ rule }) => rule);
}

function live(service: string, version: string) {
  return { service, version, environment, since: at("2026-01-10T00:00Z") };
}

const ledgerBelow = [
  { service: "pricing-svc", tier: 1, path: ["pricing-svc"] },
  { service: "ledger-core", tier: 0, path: ["pricing-svc", "ledger-core"] },
];

test("A3: a degraded core service holds whoever needs it along the graph, and nobody else", () => {
  const signals = [aSignal("ledger-core", { event: "statuspage INC-7" })];
  const held = judged({ upstream: ledgerBelow, signals });
  assert.equal(held.decision, "hold");
  const { sentence, remedies } = findingOf(held, "dependency-degraded");
  assert.match(sentence, /ledger-core is degraded .*statuspage INC-7.*cart → pricing-svc → ledger-core/);
  assert.deepEqual(
    remedies.map(({ who }) => who),
    ["owner of ledger-core"],
  );
  assert.equal(judged({ upstream: [], signals }).decision, "allow");
});

test("A3: ten minutes of ok lift the hold by rule, and until then the verdict waits for that instant", () => {
  const signals = [aSignal("ledger-core", { status: "ok", clearedFrom: "degraded", since: at("2026-03-25T07:55Z") })];
  const waiting = judged({ upstream: ledgerBelow, signals });
  assert.equal(waiting.decision, "wait");
  assert.equal(waiting.nextOpening?.toString(), "2026-03-25T08:05:00Z");
  assert.equal(judged({ upstream: ledgerBelow, signals, at: at("2026-03-25T08:05Z") }).decision, "allow");
});

test("A3: a signal that has gone quiet is no ok", () => {
  assert.equal(
    judged({ upstream: ledgerBelow, signals: [aSignal("ledger-core", { status: "unknown" })] }).decision,
    "deny",
  );
});

test("A3: a booked major upgrade of a core service moves what is not critical past its soak, and lets the rest pass with a notice", () => {
  const facts: Partial<Facts> = {
    at: at("2026-03-28T08:00Z"),
    upstream: ledgerBelow,
    policies: [aPolicy({ coreUpgrades: { services: ["ledger-core"], soak: hours(4), criticalTiers: [0, 1] } })],
    deployed: [live("ledger-core", "8.4.0")],
    bookings: [
      {
        id: "bkg_9",
        service: "ledger-core",
        version: "9.0.0",
        environment,
        from: at("2026-03-28T12:00Z"),
        to: at("2026-03-28T14:00Z"),
      },
    ],
  };
  const deferred = judged({ ...facts, service: aService({ tier: 3 }) });
  assert.equal(deferred.decision, "wait");
  assert.equal(deferred.nextOpening?.toString(), "2026-03-28T18:00:00Z");
  assert.match(findingOf(deferred, "core-upgrade").sentence, /ledger-core 9\.0\.0 is booked/);
  const critical = judged({ ...facts, service: aService({ tier: 1 }) });
  assert.equal(critical.decision, "allow");
  assert.equal(findingOf(critical, "core-upgrade").code, "core-upgrade-noted");
});

const checkout = aService({ dependsOn: [{ on: "pricing-svc", kind: "sync", versions: ">=3.2" }] });
const pricingBooked = [
  {
    id: "bkg_2",
    service: "pricing-svc",
    version: "3.2.0",
    environment,
    from: at("2026-03-14T10:00Z"),
    to: at("2026-03-14T11:00Z"),
  },
];

test("A5: what needs a version that is booked for 14 March waits on 12 March until that deployment has ended", () => {
  const verdict = judged({
    at: at("2026-03-12T08:00Z"),
    service: checkout,
    deployed: [live("pricing-svc", "3.1.0")],
    bookings: pricingBooked,
  });
  assert.equal(verdict.decision, "wait");
  assert.equal(verdict.nextOpening?.toString(), "2026-03-14T11:00:00Z");
  assert.deepEqual(stoppingRules(verdict), ["versions-compatible"]);
});

test("A5: a booking for 15 March fits, and no longer does once the one that it needs is cancelled", () => {
  const facts = { at: at("2026-03-12T08:00Z"), service: checkout, deployed: [live("pricing-svc", "3.1.0")] };
  const opening = judged({ ...facts, bookings: pricingBooked }).openings[0];
  assert.ok(opening !== undefined && Temporal.Instant.compare(opening.from, at("2026-03-15T00:00Z")) < 0);
  const cancelled = judged({ ...facts, bookings: [] });
  assert.equal(cancelled.decision, "deny");
  assert.deepEqual(
    findingOf(cancelled, "versions-compatible").remedies.map(({ who, what }) => [who, what]),
    [["owner of pricing-svc", "Deploy pricing-svc >=3.2 to prod-emea."]],
  );
});

test("A5: rolling a dependency back is judged by the ranges of those that are live", () => {
  const verdict = judged({
    subject: aSubject({ service: "pricing-svc", version: "3.1.0", action: "roll-back" }),
    service: aService({ name: "pricing-svc" }),
    dependants: [
      aService({ name: "checkout-api", dependsOn: [{ on: "pricing-svc", kind: "sync", versions: ">=3.2" }] }),
    ],
    deployed: [live("checkout-api", "5.0.0")],
  });
  assert.deepEqual(stoppingRules(verdict), ["versions-compatible"]);
});

test("C2: a freeze by tag stops what carries the tag, and not its neighbour", () => {
  const freezes = [aFreeze("2026-03-31T18:00", "2026-04-02T06:00", { scope: { tags: ["financial"] } })];
  const now = at("2026-03-31T17:00Z");
  const frozen = judged({ at: now, freezes, service: aService({ tags: ["financial"] }) });
  assert.deepEqual(stoppingRules(frozen), ["freeze-in-force"]);
  assert.equal(frozen.nextOpening?.toString(), "2026-04-02T04:00:00Z");
  assert.equal(judged({ at: now, freezes }).decision, "allow");
});

test("C2: a global stop outranks everything and is named first", () => {
  const verdict = judged({
    stops: [
      { id: "stp_1", reason: "Outage.", by: "cem", since: at("2026-03-25T07:00Z"), until: null, allowsRollBack: false },
    ],
    freezes: [aFreeze("2026-03-24T00:00", "2026-03-27T12:00", { strength: "embargo" })],
  });
  assert.deepEqual(stoppingRules(verdict), ["global-stop", "freeze-in-force"]);
  assert.equal(verdict.findings[0]?.rule, "global-stop");
});

test("D5: the next opening is the first instant at which window, freeze, cover, capacity, lock and versions agree", () => {
  const opens = at("2026-03-28T00:00Z");
  const duty = { person: "ann", from: at("2026-03-28T02:30Z"), to: at("2026-04-10T00:00Z") };
  const verdict = judged({
    windows: [aWindow()],
    freezes: [aFreeze("2026-03-28T01:00", "2026-03-28T02:00", { name: "books" })],
    locks: [{ key: "environment:prod-emea", holder: "dep_1", fence: 1, until: at("2026-03-28T01:30Z") }],
    policies: [aPolicy({ capacity: [{ resource: "db-cluster-1", max: 1 }] })],
    usage: [{ resource: "db-cluster-1", booking: "bkg_1", service: "stock", from: opens, to: at("2026-03-28T02:00Z") }],
    service: checkout,
    impact: [{ service: "cart", team: "basket", tier: 1 }],
    rotas: [{ team: "basket", stabilisation: hours(0), shifts: [], swaps: [], duties: [duty], knownUntil: null }],
    deployed: [live("pricing-svc", "3.1.0")],
    bookings: [
      { id: "b", service: "pricing-svc", version: "3.2.0", environment, from: opens, to: at("2026-03-28T02:15Z") },
    ],
  });
  assert.equal(verdict.nextOpening?.toString(), "2026-03-28T02:30:00Z");
  const untils = ["inside-window", "versions-compatible"].map((rule) => findingOf(verdict, rule).until?.toString());
  assert.deepEqual(untils, ["2026-03-28T00:00:00Z", "2026-03-28T02:15:00Z"], "each rule alone would open earlier");
});

test("D5: with one place the second candidate gets the next week, and is told who has the place", () => {
  const verdict = judged({
    windows: [aWindow()],
    policies: [aPolicy({ capacity: [{ resource: "db-cluster-1", max: 1 }] })],
    usage: [
      {
        resource: "db-cluster-1",
        booking: "bkg_1",
        service: "stock",
        from: at("2026-03-28T00:00Z"),
        to: at("2026-03-28T04:00Z"),
      },
    ],
    at: at("2026-03-28T00:00Z"),
  });
  assert.equal(verdict.decision, "wait");
  assert.equal(verdict.nextOpening?.toString(), "2026-04-03T23:00:00Z");
  assert.match(findingOf(verdict, "capacity-left").sentence, /taken by bkg_1 \(stock/);
});

const gates: Partial<Facts> = {
  policies: [
    aPolicy({
      verification: { maxAge: null },
      evidence: [{ kind: "coverage", min: 80, max: null, maxAge: null, ruleSet: null }],
      promotion: { soak: hours(1) },
      errorBudget: { minLeft: 0.1 },
    }),
  ],
  stagesBefore: ["staging"],
  passed: [{ environment: "staging", digest: someDigest, deployment: "dep_7", since: at("2026-03-20T00:00Z") }],
  verifications: [aVerification()],
  evidence: [anEvidence("coverage", { value: 78, source: "sonar" })],
  errorBudget: { service: "cart", environment: null, left: 0.5, source: "slo", at: at("2026-03-25T07:00Z") },
  routes: [aRoute()],
  people: peopleOf(aPerson("ann"), aPerson("bob")),
  approvals: [anApproval("bob")],
};
const gateRules = [
  "artifact-verified",
  "environment-path",
  "evidence-fresh",
  "approved-by-another",
  "error-budget-left",
];

test("G1: of five gates one is red, all five are shown with evidence, and the red one names an owner", () => {
  const verdict = judged(gates);
  const five = gateRules.map((rule) => findingOf(verdict, rule));
  assert.deepEqual(
    five.map(({ outcome }) => outcome),
    ["pass", "pass", "deny", "pass", "pass"],
  );
  for (const { rule, evidence } of five) assert.ok(evidence.length > 0, `${rule} shows no evidence`);
  assert.deepEqual(stoppingRules(verdict), ["evidence-fresh"]);
  assert.deepEqual(
    findingOf(verdict, "evidence-fresh").remedies.map(({ who }) => who),
    ["sonar"],
  );
});

test("G1: the red gate mended, the others say what they said before", () => {
  const before = judged(gates);
  const mended = judged({ ...gates, evidence: [anEvidence("coverage", { value: 84, source: "sonar" })] });
  assert.equal(mended.decision, "allow");
  for (const rule of gateRules.filter((name) => name !== "evidence-fresh")) {
    assert.deepEqual(findingOf(mended, rule), findingOf(before, rule));
  }
});

test("G1: a gate that does not apply says on what it depends", () => {
  const finding = findingOf(judged({}), "environment-path");
  assert.equal(finding.outcome, "not-applicable");
  assert.match(finding.sentence, /No policy demands the promotion path/);
});
