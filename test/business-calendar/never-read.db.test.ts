import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { calendarOf } from "#store/calendar.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { calendarFaces } from "#usecases/calendar/timetable-faces.ts";
import { calendarText, openPlane, shop, type Plane } from "#test/business-calendar/plane.ts";

let plane: Plane;

before(async () => {
  plane = await openPlane("2026-11-27T09:00:00Z");
  await plane.apply(shop.replace("  untilRead: open\n", ""));
});
after(() => plane[Symbol.asyncDispose]());

async function verdictOn(service: string, action: "deploy" | "roll-back" = "deploy") {
  const subject = {
    service,
    version: "2.0.0",
    environment: "prod",
    action,
    class: "normal",
    invoker: "person",
    requestedBy: null,
    contentDigest: null,
    onBehalfOf: null,
  } as const;
  const now = plane.clock.now();
  const facts = await plane.store.transact((records) => records.facts.load(subject, now, now.add({ hours: 24 * 60 })));
  const found = plane.deps.judge(facts).findings.find(({ rule }) => rule === "freeze-in-force");
  assert.ok(found !== undefined);
  return found;
}

async function freezesShown(): Promise<readonly string[]> {
  const faces = calendarFaces(calendarOf(plane.store.pool, { organisations: createOrganisationCache() }));
  const asked = { environment: "prod", service: "checkout", since: null, until: null };
  const shown = await faces.timetable(asked, plane.clock.now());
  assert.ok(shown.ok);
  return shown.value.table.freezes.map(({ rule }) => rule.name);
}

test("a calendar that was never read and could stop changes closes its scope, and no other", async () => {
  const closed = await verdictOn("checkout");
  assert.equal(closed.outcome, "deny");
  assert.match(closed.sentence, /The hard freeze campaigns\/never-read of release-manager is in force/);
  assert.match(closed.evidence[0]?.text ?? "", /was never read.*declare untilRead: open/);
  assert.equal((await verdictOn("ledger")).outcome, "pass", "the scope of the calendar does not hold it");
  assert.equal((await verdictOn("checkout", "roll-back")).outcome, "pass", "going back waits for nobody");
  assert.deepEqual(await freezesShown(), ["campaigns/never-read"]);
});

test("its first reading opens it for work that waits, even when it holds no event", async () => {
  const id = await plane.request("checkout");
  const stateOf = async () => (await plane.store.views.deployment(id))?.record.state;
  assert.equal(await stateOf(), "waiting");
  assert.ok((await plane.importText(calendarText())).ok);
  await plane.sweep();
  assert.equal(await stateOf(), "queued");
  assert.deepEqual(await freezesShown(), []);
});

test("a calendar that says untilRead: open closes nothing", async () => {
  await using open = await openPlane("2026-11-27T09:00:00Z");
  await open.apply(shop);
  const id = await open.request("checkout");
  assert.equal((await open.store.views.deployment(id))?.record.state, "queued");
});
