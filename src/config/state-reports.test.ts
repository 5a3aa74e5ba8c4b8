import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources, factsFrom } from "#config/world.ts";
import { at } from "#core/testing.ts";
import type { Facts } from "#core/policy/facts.ts";

const digest = `sha256:${"a".repeat(64)}`;
const noon = at("2026-03-25T12:00Z");

const catalog = `
kind: Unit
metadata: { name: retail }
spec: {}
---
kind: Team
metadata: { name: web }
spec: { unit: retail }
---
kind: Person
metadata: { name: ann }
spec: { teams: [web], roles: [operator], accounts: [{ name: ann, kind: human }] }
---
kind: Service
metadata: { name: cart }
spec: { unit: retail, team: web, tier: 2 }
---
kind: Service
metadata: { name: stock }
spec: { unit: retail, team: web, tier: 2 }
---
kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, region: emea, windows: optional }
---
kind: Policy
metadata: { name: cluster }
spec:
  level: central
  owner: web
  scope: {}
  settings: { capacity: [{ resource: db, max: 1 }], risk: { appetite: 50, per: environment } }
---
`;

function factsOf(state: string, about: { readonly at?: Temporal.Instant } = {}): Facts {
  const { world, problems } = checkSources([{ path: "a.yaml", text: `${catalog}kind: State\nspec:\n${state}` }]);
  assert.deepEqual(problems, []);
  assert.ok(world !== null);
  const subject = {
    service: "cart",
    version: "1.1.0",
    environment: "prod",
    action: "deploy",
    class: "normal",
    invoker: "person",
    requestedBy: null,
    contentDigest: null,
    onBehalfOf: null,
  } as const;
  const now = about.at ?? noon;
  return factsFrom(world, subject, now, now.add({ hours: 24 }));
}

const artifact = `  artifacts: [{ service: cart, version: 1.1.0, digest: "${digest}" }]\n`;

test("a list that a State leaves out is assumed, and an empty one is empty", () => {
  const without = factsOf("  locks: []");
  const { evidence, verifications, tickets, errorBudget, riskScore, passed } = without;
  assert.deepEqual(
    [evidence, verifications, tickets, errorBudget, riskScore, passed],
    Array.from({ length: 6 }, () => "assumed"),
  );
  const empty = factsOf(
    "  evidence: []\n  verifications: []\n  tickets: []\n  errorBudgets: []\n  riskScores: []\n  passed: []",
  );
  assert.deepEqual(
    [empty.evidence, empty.verifications, empty.tickets, empty.errorBudget, empty.riskScore, empty.passed],
    [[], [], [], null, null, []],
  );
});

test("of each kind and source the newest result on the digest counts, as of the instant asked about", () => {
  const state = `${artifact}  evidence:
    - { digest: "${digest}", kind: coverage, outcome: pass, value: 70, source: ci, at: 2026-03-25T10:00:00Z }
    - { digest: "${digest}", kind: coverage, outcome: pass, value: 80, source: ci, at: 2026-03-25T11:00:00Z }
    - { digest: "${digest}", kind: coverage, outcome: pass, value: 75, source: nightly, at: 2026-03-25T09:00:00Z }
    - { digest: "sha256:${"b".repeat(64)}", kind: coverage, outcome: fail, at: 2026-03-25T11:00:00Z }`;
  const values = (instant: Temporal.Instant): unknown => {
    const { evidence } = factsOf(state, { at: instant });
    return evidence === "assumed" ? evidence : evidence.map(({ value }) => value);
  };
  assert.deepEqual(values(noon), [80, 75]);
  assert.deepEqual(values(at("2026-03-25T10:30Z")), [70, 75]);
});

test("tickets, budgets, scores, stages, holds and stops say what they say at that instant", () => {
  const facts = factsOf(`${artifact}  tickets:
    - { key: CHG-1, services: [cart], environments: [prod], state: approved, at: 2026-03-25T10:00:00Z }
    - { key: CHG-2, services: [stock], state: approved, at: 2026-03-25T10:00:00Z }
  errorBudgets: [{ service: cart, left: -0.2, at: 2026-03-25T10:00:00Z }]
  riskScores: [{ service: cart, version: 1.1.0, environment: prod, score: 42, at: 2026-03-25T10:00:00Z }]
  verifications: [{ digest: "${digest}", outcome: verified, key: cosign, at: 2026-03-25T10:00:00Z }]
  passed: [{ environment: prod, digest: "${digest}", since: 2026-03-24T10:00:00Z }]
  holds:
    - { scope: { services: [cart] }, reason: Audit., by: ann, since: 2026-03-25T10:00:00Z, liftedBy: operator }
    - { scope: {}, reason: Over., by: ann, since: 2026-03-24T10:00:00Z, until: 2026-03-25T12:00:00Z }
    - { scope: {}, reason: Not yet., by: ann, since: 2026-03-26T10:00:00Z }
  stops: [{ reason: Fire., by: ann, since: 2026-03-25T11:00:00Z }]`);
  const { tickets, errorBudget, riskScore, verifications, passed } = facts;
  assert.deepEqual(tickets === "assumed" ? tickets : tickets.map(({ key, source }) => [key, source]), [
    ["CHG-1", "state"],
  ]);
  assert.equal(errorBudget === "assumed" ? null : errorBudget?.left, -0.2);
  assert.equal(riskScore === "assumed" ? null : riskScore?.score, 42);
  assert.equal(verifications === "assumed" ? null : verifications[0]?.key, "cosign");
  assert.equal(passed === "assumed" ? null : passed[0]?.environment, "prod");
  assert.deepEqual(
    facts.holds.map(({ reason, liftedBy }) => [reason, liftedBy]),
    [["Audit.", "operator"]],
  );
  assert.deepEqual(
    facts.stops.map(({ id, allowsRollBack }) => [id, allowsRollBack]),
    [["stop-1", true]],
  );
});

test("planned work of others uses what policies count, and spends risk where it was scored", () => {
  const facts = factsOf(`  bookings:
    - { service: stock, version: 2.0.0, environment: prod, from: 2026-03-25T13:00:00Z, to: 2026-03-25T14:00:00Z }
    - { service: cart, version: 1.1.0, environment: prod, from: 2026-03-25T13:00:00Z, to: 2026-03-25T14:00:00Z }
  riskScores:
    - { service: stock, version: 2.0.0, environment: prod, score: 30, source: a, at: 2026-03-25T10:00:00Z }
    - { service: stock, version: 2.0.0, environment: prod, score: 35, source: b, at: 2026-03-25T10:00:00Z }`);
  assert.deepEqual(
    facts.usage.map(({ resource, service }) => [resource, service]),
    [["db", "stock"]],
  );
  assert.deepEqual(
    facts.exposure.map(({ score, region }) => [score, region]),
    [[35, "emea"]],
  );
});

for (const [what, state, code] of [
  [
    "a digest that is none",
    "  evidence: [{ digest: latest, kind: a, outcome: pass, at: 2026-03-25T10:00:00Z }]",
    "bad-value",
  ],
  [
    "a ticket that ends before it begins",
    "  tickets: [{ key: C-1, services: [cart], state: a, at: 2026-03-25T10:00:00Z, from: 2026-03-25T10:00:00Z, to: 2026-03-25T09:00:00Z }]",
    "wrong-order",
  ],
  [
    "a score above 100",
    "  riskScores: [{ service: cart, version: 1.0.0, environment: prod, score: 101, at: 2026-03-25T10:00:00Z }]",
    "out-of-range",
  ],
  ["a hold without a reason", "  holds: [{ scope: {}, by: ann, since: 2026-03-25T10:00:00Z }]", "missing-field"],
] as const) {
  test(`${what} is a problem at its place`, () => {
    const { problems } = checkSources([{ path: "a.yaml", text: `${catalog}kind: State\nspec:\n${state}` }]);
    assert.deepEqual(
      problems.map((problem) => problem.code),
      [code],
    );
  });
}
