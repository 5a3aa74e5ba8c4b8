import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources, factsFrom, noState, type World } from "#config/world.ts";
import type { Subject } from "#core/policy/facts.ts";

const catalog = `kind: Service
metadata: { name: checkout-api }
spec: { unit: retail, team: checkout, tier: 1, dependsOn: [{ service: pricing-svc, versions: ">=3.2" }] }
---
kind: Service
metadata: { name: pricing-svc }
spec: { unit: retail, team: checkout, tier: 1 }
---
kind: Environment
metadata: { name: prod-emea }
spec: { zone: Europe/Berlin }
`;
const state = `kind: State
spec:
  artifacts: [{ service: checkout-api, version: 5.0.1, digest: "sha256:00", author: bob }]
  deployed:  [{ service: pricing-svc, version: 3.1.0, environment: prod-emea, since: 2026-01-10T00:00:00Z }]
  bookings:  [{ service: pricing-svc, version: 3.2.0, environment: prod-emea, from: 2026-03-14T00:00:00Z, to: 2026-03-14T01:00:00Z }]
  approvals: [{ service: checkout-api, version: 5.0.1, environment: prod-emea, person: bob, decision: approved, at: 2026-03-10T09:00:00Z }]
  durations: [{ service: checkout-api, environment: prod-emea, p95: PT40M, rollbackP95: P1DT15M }]
  signals:   [{ service: pricing-svc, status: degraded, since: 2026-03-25T07:00:00+01:00 }]
  locks:     [{ key: "environment:prod-emea", holder: dep_1, until: null }]
`;

function worldOf(...texts: string[]): World {
  const { world, problems } = checkSources(texts.map((text, index) => ({ path: `f${index}.yaml`, text })));
  assert.ok(world, JSON.stringify(problems));
  return world;
}

const subject: Subject = {
  service: "checkout-api",
  version: "5.0.1",
  environment: "prod-emea",
  action: "deploy",
  class: "normal",
  invoker: "person",
  requestedBy: null,
  contentDigest: null,
  onBehalfOf: null,
};
const at = Temporal.Instant.from("2026-03-20T00:00:00Z");
const horizon = at.add({ hours: 24 });

test("a folder without State has no approvals and no locks, and takes artifacts and what is deployed as known", () => {
  const world = worldOf(catalog);
  assert.deepEqual(world.state, noState);
  const facts = factsFrom(world, subject, at, horizon);
  assert.equal(facts.artifact, "assumed");
  assert.equal(facts.deployed, "assumed");
  assert.deepEqual([facts.approvals, facts.locks, facts.bookings, facts.signals], [[], [], [], []]);
  assert.equal(facts.service?.dependsOn[0]?.on, "pricing-svc");
  assert.equal(facts.environment?.zone, "Europe/Berlin");
});

test("the facts of a State are decoded with their instants and durations", () => {
  const facts = factsFrom(worldOf(catalog, state), subject, at, horizon);
  assert.ok(facts.artifact !== null && facts.artifact !== "assumed");
  assert.equal(facts.artifact.author, "bob");
  assert.ok(Array.isArray(facts.deployed));
  assert.equal(facts.deployed.length, 1);
  assert.equal(facts.bookings[0]?.to.toString(), "2026-03-14T01:00:00Z");
  assert.equal(facts.durations[0]?.rollbackP95.toString(), "PT24H15M");
  assert.deepEqual(facts.locks, [{ key: "environment:prod-emea", holder: "dep_1", fence: null, until: null }]);
  assert.equal(facts.approvals[0]?.contentDigest, null);
});

test("what has not happened yet at the time asked about is no fact", () => {
  const world = worldOf(catalog, state);
  const facts = factsFrom(world, subject, Temporal.Instant.from("2026-01-09T00:00:00Z"), horizon);
  assert.deepEqual([facts.deployed, facts.approvals, facts.signals], [[], [], []]);
  const later = factsFrom(world, subject, Temporal.Instant.from("2026-03-25T06:00:00Z"), horizon);
  assert.equal(later.signals.length, 1);
});

test("an artifact that the State does not list is not registered", () => {
  const facts = factsFrom(worldOf(catalog, state), { ...subject, version: "5.0.2" }, at, horizon);
  assert.equal(facts.artifact, null);
});

test("a State that names no artifacts says nothing about them", () => {
  const facts = factsFrom(worldOf(catalog, "kind: State\nspec: { deployed: [] }\n"), subject, at, horizon);
  assert.equal(facts.artifact, "assumed");
  assert.deepEqual(facts.deployed, []);
});

test("several States add up", () => {
  const other = "kind: State\nmetadata: { name: more }\nspec: { locks: [{ key: k, holder: h }] }\n";
  assert.deepEqual(
    worldOf(catalog, state, other).state.locks.map(({ key }) => key),
    ["k", "environment:prod-emea"],
  );
});

test("an unknown service or environment brings the nearest names", () => {
  const facts = factsFrom(
    worldOf(catalog),
    { ...subject, service: "pricing-sv", environment: "prod-eema" },
    at,
    horizon,
  );
  assert.deepEqual([facts.service, facts.environment], [null, null]);
  assert.deepEqual(facts.nearest, { services: ["pricing-svc"], environments: ["prod-emea"] });
});
