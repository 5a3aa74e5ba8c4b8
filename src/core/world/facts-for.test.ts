import assert from "node:assert/strict";
import { test } from "node:test";
import type { Organisation } from "#core/catalog/organisation.ts";
import {
  aFreeze,
  anApproval,
  anArtifact,
  anEnvironment,
  aPerson,
  aRoute,
  aService,
  aSubject,
  aWindow,
  at,
  peopleOf,
} from "#core/testing.ts";
import { factsFor } from "./facts-for.ts";
import { keyOf, withRows, withShelf, worldOf, type World } from "./world.ts";

const now = at("2026-03-25T08:00Z");
const horizon = at("2026-05-24T08:00Z");

const organisation: Organisation = {
  units: new Map(),
  teams: new Map(),
  people: peopleOf(aPerson("ann")),
  workingHours: new Map(),
  services: new Map(
    [
      aService({ dependsOn: [{ on: "pricing", kind: "sync", versions: null }] }),
      aService({ name: "pricing", dependsOn: [{ on: "ledger", kind: "data", versions: null }] }),
      aService({ name: "ledger" }),
      aService({ name: "front", dependsOn: [{ on: "cart", kind: "sync", versions: null }] }),
      aService({ name: "stranger", team: "far" }),
    ].map((service) => [service.name, service]),
  ),
  vendors: new Set(),
  environments: new Map([["prod-emea", anEnvironment()]]),
  windows: [aWindow(), aWindow({ name: "theirs", scope: { teams: ["far"] } })],
  freezes: [aFreeze("2026-04-01T00:00", "2026-04-02T00:00", { strength: "soft", passesWith: "crisis" })],
  calendars: [],
  routes: [
    aRoute({ name: "prod", scope: { environments: ["prod-*"] } }),
    aRoute({ name: "crisis", scope: { teams: ["far"] } }),
    aRoute({ name: "theirs", scope: { teams: ["far"] } }),
  ],
  watches: [],
  strategies: [],
  rotas: [],
  policies: [],
  exemptionTypes: [],
  resources: new Map(),
  runbooks: new Map(),
  wavePlans: new Map(),
  sequences: [],
  criteria: [],
  rollbacks: new Map(),
  sources: new Map(),
};

const there = ({ environment, service }: { environment: string; service: string }): readonly string[] => [
  keyOf(environment, service),
];
const booking = (id: string, service: string) => ({
  id,
  service,
  version: "2.0.0",
  environment: "prod-emea",
  from: now.add({ hours: 1 }),
  to: now.add({ hours: 2 }),
});

function world(): World {
  const names = ["cart", "pricing", "ledger", "front", "stranger"];
  const rows = names.map((service) => booking(`bok_${service}`, service));
  const filled = withShelf(worldOf(organisation), "bookings", rows, there);
  return withShelf(filled, "artifacts", [anArtifact()], ({ service, version }) => [keyOf(service, version)]);
}

test("the facts of one question are those of the subject, what it needs and what needs it", () => {
  const facts = factsFor(world(), aSubject(), now, horizon);
  assert.deepEqual(
    facts.bookings.map(({ service }) => service),
    ["cart", "pricing", "ledger", "front"],
  );
  assert.deepEqual(
    facts.windows.map(({ name }) => name),
    ["weekend"],
  );
  assert.deepEqual(
    facts.upstream.map(({ service }) => service),
    ["pricing", "ledger"],
  );
  assert.notEqual(facts.artifact, null);
});

test("a route that a soft freeze names is a fact although it covers others", () => {
  const { routes } = factsFor(world(), aSubject(), now, horizon);
  assert.deepEqual(
    routes.map(({ name }) => name),
    ["prod", "crisis"],
  );
});

test("the subject's own booking is no obstacle to it, by its own id or by that of its deployment", () => {
  const carried = withRows(world(), "bookingOf", "dep_1", ["bok_cart"]);
  for (const onBehalfOf of ["bok_cart", "dep_1"]) {
    const { bookings } = factsFor(carried, aSubject({ onBehalfOf }), now, horizon);
    assert.ok(!bookings.some(({ id }) => id === "bok_cart"), onBehalfOf);
  }
});

test("what has not happened yet is no fact", () => {
  const key = keyOf("cart", "1.1.0", "prod-emea");
  const approved = withRows(world(), "approvals", key, [anApproval("ann"), anApproval("bob", { at: horizon })]);
  assert.deepEqual(
    factsFor(approved, aSubject(), now, horizon).approvals.map(({ person }) => person),
    ["ann"],
  );
  const before = factsFor(approved, aSubject(), at("2026-02-01T00:00Z"), horizon);
  assert.deepEqual([before.artifact, before.approvals], [null, []]);
});

test("a change makes another world and leaves the one before as it was", () => {
  const before = world();
  const key = keyOf("prod-emea", "cart");
  const after = withRows(before, "bookings", key, []);
  const count = (of: World): number => factsFor(of, aSubject(), now, horizon).bookings.length;
  assert.deepEqual([count(before), count(after)], [4, 3]);
  assert.equal(factsFor(after, aSubject(), now, horizon).windows, factsFor(before, aSubject(), now, horizon).windows);
});

test("names that nobody knows come with the nearest ones and without scopes", () => {
  const facts = factsFor(world(), aSubject({ service: "crat" }), now, horizon);
  assert.equal(facts.service, null);
  assert.deepEqual(facts.nearest.services, ["cart"]);
  assert.deepEqual([facts.windows, facts.freezes, facts.impact], [[], [], []]);
});

test("a source that keeps no artifacts and no inventory has them assumed", () => {
  const facts = factsFor(worldOf(organisation, new Set(["artifacts", "deployed"])), aSubject(), now, horizon);
  assert.deepEqual([facts.artifact, facts.deployed], ["assumed", "assumed"]);
});
