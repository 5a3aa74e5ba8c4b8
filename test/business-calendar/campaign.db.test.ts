import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DeploymentId } from "#core/id.ts";
import { reflows } from "#store/reflow.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import { blackFriday, calendarText, call, openPlane, shop, type Plane } from "#test/business-calendar/plane.ts";

const friday = "2026-11-27T08:00:00Z";
const monday = "2026-11-30T08:00:00Z";
const customerFacing = ["catalog", "checkout", "search"];

let plane: Plane;
const bookings = new Map<string, DeploymentId>();

before(async () => {
  // Thursday noon: everything that is asked for stands on Friday at nine.
  plane = await openPlane("2026-11-26T11:00:00Z");
  await plane.apply(shop);
  for (const service of [...customerFacing, "ledger"]) bookings.set(service, await plane.request(service));
});
after(() => plane[Symbol.asyncDispose]());

function bookingOf(service: string): DeploymentId {
  const id = bookings.get(service);
  assert.ok(id !== undefined);
  return id;
}

async function newestReflow() {
  const [newest] = await reflows(plane.store.pool, 1);
  assert.ok(newest !== undefined);
  return newest;
}

async function verdictOn(service: string, at: string) {
  const instant = Temporal.Instant.from(at);
  return plane.store.transact(async (records) => {
    const record = await records.deployments.find(bookingOf(service));
    assert.ok(record !== null);
    const subject = { ...record.subject, onBehalfOf: record.id };
    return plane.deps.judge(await records.facts.load(subject, instant, horizonOf(instant)));
  });
}

let batch = "";

test("a campaign flags exactly the bookings for customers, each with a legal new slot, as one batch", async () => {
  assert.equal(await plane.plannedFrom(bookingOf("checkout")), friday);
  const imported = await plane.importText(calendarText(blackFriday));
  assert.ok(imported.ok, JSON.stringify(imported));
  assert.deepEqual([imported.value.added, imported.value.removed], [1, 0]);
  const reflow = await newestReflow();
  batch = reflow.id;
  assert.equal(reflow.id, imported.value.reflow);
  assert.deepEqual(
    reflow.items.map(({ deployment, kind, oldSlot, newSlot, event }) => [
      deployment,
      kind,
      oldSlot.from.toString(),
      newSlot?.from.toString(),
      event,
    ]),
    [...bookings]
      .filter(([service]) => service !== "ledger")
      .map(([, id]) => [id, "blocked", friday, monday, "campaigns/black-friday"])
      .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
});

test("the verdict names calendar and event like any other freeze, and the internal service is free", async () => {
  const blocked = await verdictOn("checkout", "2026-11-27T10:00:00Z");
  const finding = blocked.findings.find(({ rule }) => rule === "freeze-in-force");
  assert.equal(finding?.outcome, "wait");
  assert.match(finding?.sentence ?? "", /hard freeze Black Friday \(campaigns\) of release-manager/);
  assert.match(finding?.evidence[0]?.text ?? "", /Black Friday \(event black-friday of the calendar campaigns\)/);
  assert.equal(blocked.nextOpening?.toString(), monday);
  assert.equal((await verdictOn("ledger", "2026-11-27T10:00:00Z")).decision, "allow");
});

test("the sweep that the import woke says the same", async () => {
  assert.equal(await plane.sweep(), 4);
  assert.equal(await plane.plannedFrom(bookingOf("checkout")), monday);
  assert.equal(await plane.plannedFrom(bookingOf("ledger")), friday);
});

test("the same calendar again changes nothing and proposes nothing", async () => {
  const again = await plane.importText(calendarText(blackFriday));
  assert.deepEqual(again.ok && again.value, {
    calendar: "campaigns",
    added: 0,
    removed: 0,
    unchanged: 1,
    reflow: null,
  });
});

test("a person accepts one item, then the rest; the work then waits for its slot", async () => {
  const beyond = await plane.decide({ id: batch, decision: "accept", items: [1, 99] }, call);
  assert.deepEqual(beyond, { ok: false, error: "no-such-item" }, "nothing is decided when one position does not exist");
  const one = await plane.decide({ id: batch, decision: "accept", items: [1] }, call);
  assert.deepEqual(one, { ok: true, value: [{ position: 1, outcome: "accepted" }] });
  const rest = await plane.decide({ id: batch, decision: "accept", items: null }, call);
  assert.ok(rest.ok);
  assert.deepEqual(
    rest.value.map(({ outcome }) => outcome),
    ["accepted", "accepted"],
  );
  assert.deepEqual(await plane.decide({ id: batch, decision: "decline", items: [1] }, call), {
    ok: true,
    value: [{ position: 1, outcome: "not-open" }],
  });
  const verdict = await verdictOn("checkout", "2026-11-26T11:30:00Z");
  assert.equal(verdict.findings.find(({ rule }) => rule === "agreed-slot-begun")?.code, "before-slot");
  assert.equal(await plane.plannedFrom(bookingOf("checkout")), monday);
});

test("deleting the event offers the old slots and forces nobody into them", async () => {
  plane.clock.advance(Temporal.Duration.from("PT1H"));
  const imported = await plane.importText(calendarText());
  assert.ok(imported.ok && imported.value.reflow !== null);
  assert.equal(imported.value.removed, 1);
  const reflow = await newestReflow();
  assert.deepEqual(
    reflow.items.map(({ kind, oldSlot, newSlot, state }) => [
      kind,
      oldSlot.from.toString(),
      newSlot?.from.toString(),
      state,
    ]),
    customerFacing.map(() => ["restore", monday, friday, "open"]),
  );
  await plane.sweep();
  assert.equal(await plane.plannedFrom(bookingOf("checkout")), monday);
  const [first] = reflow.items;
  assert.ok(first !== undefined);
  const back = await plane.decide({ id: reflow.id, decision: "accept", items: [first.position] }, call);
  assert.deepEqual(back.ok && back.value.map(({ outcome }) => outcome), ["accepted"]);
  await plane.sweep();
  assert.equal(await plane.plannedFrom(first.deployment), friday);
});

test("a verdict about the past finds the events that were in force then", async () => {
  const past = await plane.store.transact((records) =>
    records.business.events(
      { from: Temporal.Instant.from(friday), to: Temporal.Instant.from(monday) },
      Temporal.Instant.from("2026-11-26T11:30:00Z"),
    ),
  );
  assert.deepEqual(
    past.map(({ event }) => event.uid),
    ["black-friday"],
  );
});

test("an advisory proposes an earlier slot to the services that it names", async () => {
  const advisory = `UID:advisory-7\nDTSTART:20261126T120000Z\nSUMMARY:Critical advisory 7\nCATEGORIES:ADVISORY
X-TIDEGATE-SERVICES:search,catalog,checkout`;
  const imported = await plane.importText(calendarText(advisory));
  assert.ok(imported.ok && imported.value.reflow !== null, JSON.stringify(imported));
  const { items } = await newestReflow();
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ["pull-forward", "pull-forward", "pull-forward"],
  );
  assert.deepEqual(
    items.map(({ oldSlot, newSlot }) => [oldSlot.from.toString(), newSlot?.from.toString() ?? null]),
    [
      [friday, null],
      [monday, friday],
      [monday, friday],
    ],
    "two had moved to Monday; one stands at the first legal slot already",
  );
});

test("a caution is a note in the verdict and stops nothing", async () => {
  const audit = "UID:a\nDTSTART;VALUE=DATE:20261127\nSUMMARY:Auditors in the house\nCATEGORIES:AUDIT";
  assert.ok((await plane.importText(calendarText(audit))).ok);
  const verdict = await verdictOn("search", "2026-11-30T09:00:00Z");
  assert.equal(verdict.findings.find(({ rule }) => rule === "caution-noted")?.code, "no-caution");
  const during = await verdictOn("search", "2026-11-27T09:00:00Z");
  assert.equal(during.findings.find(({ rule }) => rule === "caution-noted")?.code, "caution");
  assert.equal(during.findings.find(({ rule }) => rule === "freeze-in-force")?.outcome, "pass");
});

test("a text that is not right changes nothing and says where", async () => {
  const kept = await plane.store.transact((records) => records.business.source("campaigns"));
  const cases: readonly (readonly [string, RegExp | null])[] = [
    ["<html></html>", /does not begin with BEGIN:VCALENDAR/],
    [calendarText(blackFriday, "UID:bad\nDTSTART;TZID=Mars/Base:20261127T080000\nCATEGORIES:AUDIT"), /Mars\/Base/],
    [calendarText("UID:endless\nDTSTART:20261127T080000Z\nCATEGORIES:CAMPAIGN"), /no end/],
    [calendarText("UID:often\nDTSTART:20261127T080000Z\nRRULE:FREQ=SECONDLY\nCATEGORIES:CAMPAIGN"), /times a day/],
  ];
  for (const [text, message] of cases) {
    const refused = await plane.importText(text);
    assert.ok(!refused.ok && refused.error.code === "invalid-calendar", text);
    assert.match(refused.error.fault.message, message ?? /./);
  }
  assert.deepEqual(await plane.store.transact((records) => records.business.source("campaigns")), kept);
});

test("queued work that an event falls on is proposed a slot, and goes back to wait for it", async () => {
  await using open = await openPlane("2026-11-27T09:00:00Z");
  await open.apply(shop);
  const id = await open.request("checkout");
  assert.equal((await open.store.views.deployment(id))?.record.state, "queued");
  const advisory = "UID:now\nDTSTART:20261127T080000Z\nSUMMARY:Advisory\nCATEGORIES:ADVISORY";
  const imported = await open.importText(calendarText(blackFriday, advisory));
  assert.ok(imported.ok && imported.value.reflow !== null);
  const [proposed] = await reflows(open.store.pool, 1);
  assert.deepEqual(
    proposed?.items.map(({ kind, newSlot }) => [kind, newSlot?.from.toString() ?? null]),
    [["blocked", monday]],
  );
  const decided = await open.decide({ id: imported.value.reflow, decision: "accept", items: null }, call);
  assert.deepEqual(decided, { ok: true, value: [{ position: 1, outcome: "accepted" }] });
  assert.equal(await open.plannedFrom(id), monday);
});

test("an advisory does not move what stands in the queue: it starts as soon as its environment is free", async () => {
  await using open = await openPlane("2026-11-27T09:00:00Z");
  await open.apply(shop);
  await open.request("checkout");
  const advisory = "UID:now\nDTSTART:20261127T080000Z\nDURATION:PT8H\nSUMMARY:Advisory\nCATEGORIES:ADVISORY";
  assert.ok((await open.importText(calendarText(advisory))).ok);
  const [item] = (await reflows(open.store.pool, 1))[0]?.items ?? [];
  assert.deepEqual([item?.kind, item?.newSlot], ["pull-forward", null]);
  assert.match(item?.sentence ?? "", /stands in the queue already/);
});
