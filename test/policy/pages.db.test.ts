import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { bindIntake } from "#main/bind-intake.ts";
import { bindPolicies } from "#main/bind-policies.ts";
import { eventsAfter, presentCursor, type EventCursor } from "#store/event.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { openExemptionPlane, world, type ExemptionPlane } from "#test/exemption/plane.ts";
import { callBy } from "#test/support/calendar-plane.ts";

/* What pages read about policies and services, and what they are told when it changes. */

const now = Temporal.Instant.from("2026-03-25T08:00:00Z");

const bar = `---
kind: Policy
metadata: { name: quality-bar }
spec:
  level: central
  owner: checkout
  scope: { services: [checkout-api], environments: [prod-emea] }
  settings:
    evidence: [{ kind: coverage, min: 80 }]
    emergency: { approvals: 2, validFor: PT1H, reviewWithin: P3D, backMergeWithin: P2D }
`;

const caseOf = (name: string, expected: string): string => `---
kind: PolicyCase
metadata: { name: ${name} }
spec:
  question: { service: checkout-api, version: 1.1.0, environment: prod-emea, at: 2026-03-25T10:00:00Z }
  state:
    artifacts: [{ service: checkout-api, version: 1.1.0, digest: "sha256:1a" }]
    evidence: []
  expect: { findings: { evidence-fresh: { code: ${expected} } } }
`;

let plane: ExemptionPlane;
before(async () => {
  plane = await openExemptionPlane(world, now);
});
after(() => plane[Symbol.asyncDispose]());

const policies = () =>
  bindPolicies(plane.store.pool, { organisations: createOrganisationCache() }, plane.store.connectionString);

test("Cases are kept beside what was applied and stand as they do under what is in force", async () => {
  await plane.apply(`${world}${bar}${caseOf("no-coverage", "evidence-missing")}${caseOf("wrong", "evidence-there")}`);
  const found = policies();
  const { items, left } = await found.cases();
  assert.equal(left, 0);
  assert.deepEqual(
    items.map(({ name, failures }) => `${name} ${failures.length}`),
    ["wrong 1", "no-coverage 0"],
    "what fails stands first",
  );
  assert.match(items[0]?.failures[0] ?? "", /evidence-fresh: expected any evidence-there, got deny evidence-missing/);
  assert.deepEqual(items[1]?.policies, ["quality-bar"]);
  assert.equal(items[1]?.appliedBy, "liv");
  assert.match(items[1]?.place ?? "", /^world\.yaml:\d+$/);
  assert.equal(await found.cases(), await found.cases(), "judged once as long as nothing changes");
});

test("A case that alone has changed is judged anew; cases that are left out are gone", async () => {
  await plane.apply(`${world}${bar}${caseOf("wrong", "evidence-missing")}`);
  const { items } = await policies().cases();
  assert.deepEqual(
    items.map(({ name, failures }) => `${name} ${failures.length}`),
    ["wrong 0"],
  );
  const exported = await plane.store.views.configurationYaml();
  assert.doesNotMatch(exported.yaml, /PolicyCase/, "they are no part of the configuration");
});

test("A service is shown with its demands by place, and with what stops or exempts it", async () => {
  const intake = intakeOf();
  const hold = await intake.placeHold(
    { scope: { services: ["checkout-*"] }, reason: "Closing the books.", until: null, liftedBy: null },
    callBy("liv"),
  );
  assert.ok(hold.ok);
  const other = await intake.placeHold(
    { scope: { services: ["catalog-web"] }, reason: "Elsewhere.", until: null, liftedBy: null },
    callBy("liv"),
  );
  assert.ok(other.ok);
  const page = await plane.store.views.service("checkout-api", plane.clock.now);
  assert.ok(page !== null);
  assert.deepEqual(page.dependants, ["catalog-web"]);
  assert.deepEqual(
    page.places.map(({ environment, live, settings, emergency }) => [
      environment.name,
      live?.version,
      settings.evidence.map(({ demand }) => demand.kind),
      emergency.approvals,
    ]),
    [
      ["prod-apac", "0.9.0", [], 1],
      ["prod-emea", "0.9.0", ["coverage"], 2],
    ],
  );
  assert.deepEqual(
    page.holds.map(({ hold: { reason } }) => reason),
    ["Closing the books."],
  );
  assert.equal(await plane.store.views.service("nothing", plane.clock.now), null);
});

test("Pages are told of holds, stops, emergencies, debts and cases", async () => {
  const from = await presentCursor(plane.store.pool);
  const intake = intakeOf();
  const stop = await intake.stop({ reason: "Fire.", until: null, allowsRollBack: true }, callBy("liv"));
  assert.ok(stop.ok);
  const { id } = stop.value.stop;
  assert.ok((await intake.resume({ id, reason: "It is out." }, callBy("liv"))).ok);
  const report = { service: "checkout-api", environment: null, status: "ok", ref: null, source: "s", at: now } as const;
  assert.ok((await intake.submitReport({ kind: "signal", record: report }, callBy("liv"))).ok);
  await plane.apply(`${world}${bar}${caseOf("other", "evidence-missing")}`);
  const told = await objectsUntil(from, (object) => object === "policy-case/all");
  // A transaction of another test on this server may hold the cursor back behind what was told before.
  const since = told.indexOf(`stop/${id}`);
  assert.deepEqual(told.slice(since, since + 3), [`stop/${id}`, `stop/${id}`, "signal/checkout-api"]);
});

function intakeOf() {
  return bindIntake(
    plane.store.pool,
    plane.store.transact,
    () => plane.clock.now,
    async () => undefined,
  );
}

/** Objects of the events that pages read as a change of what is in force. */
async function objectsUntil(from: EventCursor, isLast: (object: string) => boolean): Promise<readonly string[]> {
  const objects: string[] = [];
  let cursor = from;
  while (!objects.some(isLast)) {
    const read = await eventsAfter(plane.store.pool, cursor);
    objects.push(...read.events.filter(({ kind }) => kind === "configuration").map(({ object }) => object));
    cursor = read.cursor;
    if (read.events.length === 0) await delay(10);
  }
  return objects;
}
