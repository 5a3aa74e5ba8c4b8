import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { PolicySettings } from "#core/policy/policy.ts";
import { rules } from "#core/policy/registry.ts";
import type { Counterfactual } from "#core/policy/verdict.ts";
import { applyRemedy, aService, at, fakeHash, someFacts } from "#core/testing.ts";
import { anEvidence, aPolicy, aSignal, aTicket, aVerification, hours, someDigest } from "#core/testing-demands.ts";

const options = { hash: fakeHash, zoneData: "2026c" };
const environment = "prod-emea";
const noon = at("2026-03-25T12:00Z");
const long = at("2026-01-01T00:00Z");
const morning = at("2026-03-25T07:00Z");

const settings: Partial<PolicySettings> = {
  verification: { maxAge: null },
  evidence: [
    { kind: "coverage", min: 80, max: null, maxAge: null, ruleSet: null },
    { kind: "sast", min: null, max: 0, maxAge: null, ruleSet: "2.0.0" },
  ],
  ticket: { states: ["approved"] },
  risk: { maxScore: 70, appetite: 200, per: "environment" },
  errorBudget: { minLeft: 0.1 },
  capacity: [{ resource: "db-cluster-1", max: 1 }],
  coreUpgrades: { services: ["ledger-*"], soak: hours(2), criticalTiers: [0] },
  stabilisation: { lasts: hours(2) },
  promotion: { soak: hours(24) },
  clauses: [
    {
      id: "known-tier",
      expression: "service.tier <= 3",
      sentence: "A known tier.",
      who: "ops",
      remedy: "Name its tier.",
    },
  ],
};

const fine: Facts = someFacts({
  policies: [aPolicy(settings)],
  service: aService({ dependsOn: [{ on: "pricing", kind: "sync", versions: ">=3.2" }] }),
  dependants: [aService({ name: "web", dependsOn: [{ on: "cart", kind: "sync", versions: "^1.0.0" }] })],
  upstream: [
    { service: "pricing", tier: 1, path: ["pricing"] },
    { service: "ledger-core", tier: 0, path: ["pricing", "ledger-core"] },
  ],
  stagesBefore: ["test", "staging"],
  passed: ["test", "staging"].map((stage) => ({
    environment: stage,
    digest: someDigest,
    deployment: "d",
    since: long,
  })),
  verifications: [aVerification()],
  evidence: [anEvidence("coverage", { value: 90 }), anEvidence("sast", { value: 0, ruleSet: "2.1.0" })],
  tickets: [aTicket()],
  riskScore: { service: "cart", version: "1.1.0", environment, score: 35, source: "risk", at: morning },
  errorBudget: { service: "cart", environment: null, left: 0.5, source: "slo", at: morning },
  deployed: [
    { service: "pricing", version: "3.2.0", environment, since: long },
    { service: "web", version: "7.0.0", environment, since: long },
    { service: "ledger-core", version: "8.0.0", environment, since: long },
  ],
});

type Trouble = (facts: Facts) => Facts;

function listOf<T>(facts: readonly T[] | "assumed" | "unknown"): readonly T[] {
  return typeof facts === "string" ? [] : facts;
}

function withClause(id: string, expression: string): Trouble {
  const clause = { id, expression, sentence: "Not now.", who: "ops", remedy: `Change what ${id} asks for.` };
  return (facts) => ({
    ...facts,
    policies: [...facts.policies, aPolicy({ clauses: [clause] }, { name: id })],
  });
}

/** What may stand in the way, each on its own. */
const troubles: readonly Trouble[] = [
  (facts) => ({
    ...facts,
    stops: [{ id: "stp_1", reason: "?", by: "cem", since: morning, until: null, allowsRollBack: false }],
  }),
  (facts) => ({
    ...facts,
    stops: [{ id: "stp_1", reason: "?", by: "cem", since: morning, until: noon, allowsRollBack: false }],
  }),
  (facts) => ({
    ...facts,
    holds: [{ id: "hld_1", scope: {}, reason: "?", by: "cem", since: morning, until: null, liftedBy: "eve" }],
  }),
  (facts) => ({ ...facts, verifications: [] }),
  (facts) => ({ ...facts, verifications: [aVerification({ outcome: "revoked-key" })] }),
  (facts) => ({ ...facts, evidence: [anEvidence("coverage", { value: 78 })] }),
  (facts) => ({ ...facts, passed: listOf(facts.passed).slice(0, 1) }),
  (facts) => ({ ...facts, passed: listOf(facts.passed).map((stage) => ({ ...stage, since: morning })) }),
  (facts) => ({
    ...facts,
    passed: listOf(facts.passed)
      .slice(0, 1)
      .map((stage) => ({ ...stage, since: morning })),
  }),
  (facts) => ({ ...facts, tickets: [] }),
  (facts) => ({ ...facts, tickets: [aTicket({ state: "draft" })] }),
  (facts) => ({ ...facts, tickets: [aTicket({ from: noon })] }),
  (facts) => ({
    ...facts,
    riskScore:
      typeof facts.riskScore === "string" || facts.riskScore === null ? null : { ...facts.riskScore, score: 90 },
  }),
  (facts) => ({
    ...facts,
    exposure: [{ booking: "bkg_1", environment, unit: "retail", region: "emea", from: noon, score: 190 }],
  }),
  (facts) => ({ ...facts, errorBudget: { service: "cart", environment: null, left: 0, source: "slo", at: morning } }),
  (facts) => ({
    ...facts,
    usage: [{ resource: "db-cluster-1", booking: "bkg_2", service: "stock", from: morning, to: noon }],
  }),
  (facts) => ({ ...facts, signals: [aSignal("ledger-core")] }),
  (facts) => ({
    ...facts,
    signals: [aSignal("ledger-core", { status: "ok", clearedFrom: "outage", since: at("2026-03-25T07:55Z") })],
  }),
  (facts) => ({
    ...facts,
    signals: [
      aSignal("pricing"),
      aSignal("ledger-core", { status: "ok", clearedFrom: "outage", since: at("2026-03-25T07:55Z") }),
    ],
  }),
  (facts) => ({
    ...facts,
    bookings: [
      { id: "bkg_3", service: "ledger-core", version: "9.0.0", environment, from: noon, to: noon.add({ hours: 1 }) },
    ],
  }),
  (facts) => ({
    ...facts,
    deployed: listOf(facts.deployed).map((entry) => (entry.service === "web" ? { ...entry, since: morning } : entry)),
  }),
  (facts) => ({
    ...facts,
    deployed: listOf(facts.deployed).map((entry) =>
      entry.service === "pricing" ? { ...entry, version: "3.1.0" } : entry,
    ),
  }),
  (facts) => ({
    ...facts,
    dependants: [aService({ name: "web", dependsOn: [{ on: "cart", kind: "sync", versions: "<1.1.0" }] })],
  }),
  withClause("late", "time.hour >= 20"),
  withClause("critical", "service.tier == 0"),
  withClause("free", "figures.licences == 0.0"),
];

const blockedFacts = fc
  .subarray([...troubles], { minLength: 1, maxLength: 4 })
  .map((chosen) => chosen.reduce((facts, trouble) => trouble(facts), fine));

/** The facts after the deeds of a set, at the instant at which it is said to open. Waiting is the passing of time. */
function after(facts: Facts, remedies: Counterfactual["remedies"], opensAt: Temporal.Instant): Facts {
  const deeds = remedies.filter(({ remedy }) => remedy.kind !== "wait");
  const changed = deeds.reduce((before, { rule, remedy }) => applyRemedy(before, rule, remedy), facts);
  if (deeds.length === remedies.length) return changed;
  return { ...changed, at: opensAt, horizon: opensAt.add({ hours: 24 * 60 }) };
}

function decided(facts: Facts): string {
  return evaluate(rules, facts, options).decision;
}

test("nothing stands in the way of the facts that the troubles are laid over", () => {
  assert.equal(decided(fine), "allow");
});

test("each trouble alone stands in the way, and somebody or time can help", () => {
  for (const [place, trouble] of troubles.entries()) {
    const verdict = evaluate(rules, trouble(fine), options);
    assert.notEqual(verdict.decision, "allow", `trouble ${place}`);
    assert.ok(verdict.counterfactuals.length > 0, `trouble ${place}`);
  }
});

test("every set of remedies flips the verdict at the instant it names, whatever stands in the way", () => {
  let flipped = 0;
  fc.assert(
    fc.property(blockedFacts, (facts) => {
      for (const way of evaluate(rules, facts, options).counterfactuals) {
        assert.ok(way.opensAt !== null);
        const verdict = evaluate(rules, after(facts, way.remedies, way.opensAt), options);
        const stopping = verdict.findings.filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable");
        assert.equal(verdict.decision, "allow", JSON.stringify([way, stopping]));
        flipped++;
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(flipped > 60, `only ${flipped} sets were tried`);
});

test("leaving any one deed out does not flip it", () => {
  let tried = 0;
  fc.assert(
    fc.property(blockedFacts, (facts) => {
      for (const { remedies, opensAt } of evaluate(rules, facts, options).counterfactuals) {
        if (opensAt === null) continue;
        for (const left of remedies) {
          const rest = remedies.filter((remedy) => remedy !== left);
          const moment = left.remedy.kind === "wait" ? facts.at : opensAt;
          assert.notEqual(decided(after(facts, rest, moment)), "allow", JSON.stringify([remedies, left]));
          tried++;
        }
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(tried > 60, `only ${tried} were left out`);
});
