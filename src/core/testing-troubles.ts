import type { Facts } from "#core/policy/facts.ts";
import type { PolicySettings } from "#core/policy/policy.ts";
import { aService, at, someFacts } from "#core/testing.ts";
import { anEvidence, aPolicy, aSignal, aTicket, aVerification, hours, someDigest } from "#core/testing-demands.ts";

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
  rollout: { canaryFor: ["high"] },
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

/** Facts under policies that demand everything there is to demand, and in which all of it is there. */
export const fine: Facts = someFacts({
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

export type Trouble = (facts: Facts) => Facts;

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
export const troubles: readonly Trouble[] = [
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
