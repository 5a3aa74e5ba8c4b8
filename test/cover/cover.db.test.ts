import assert from "node:assert/strict";
import { test } from "node:test";
import { callBy, openCalendarPlane, sampleWorld, type CalendarPlane } from "#test/support/calendar-plane.ts";
import { aDeployment, at, insertDeployment } from "#test/support/store.ts";

/** Friday noon; the window opens on Saturday at 01:00 in Berlin. */
const start = at("2026-03-27T11:00:00Z");
const sat1 = at("2026-03-28T00:00:00Z");
const gap = { from: at("2026-03-28T02:00:00Z"), to: at("2026-03-28T05:00:00Z") };

const world = `${sampleWorld}
---
kind: Window
metadata: { name: weekend }
spec: { scope: {}, zone: target, start: 2026-01-03T01:00, rrule: FREQ=WEEKLY;BYDAY=SA, end: "05:00" }
---
kind: Rota
metadata: { name: checkout-on-call }
spec:
  team: checkout
  zone: Europe/Berlin
  shifts: [{ name: long-day, start: 2026-01-05T06:00, rrule: FREQ=DAILY, end: "03:00", persons: [ann, bob] }]
`;

/** Five runs of an hour each, so that history says how long a run takes. */
async function openPlane(): Promise<CalendarPlane> {
  const plane = await openCalendarPlane(world, start);
  for (const run of [1, 2, 3, 4, 5]) {
    const startedAt = start.subtract({ hours: 24 * run });
    const about = { service: "checkout-api", version: `4.0.${run}`, environment: "prod-emea" };
    const ended = {
      state: "succeeded",
      requestedAt: startedAt,
      startedAt,
      endedAt: startedAt.add({ hours: 1 }),
    } as const;
    await insertDeployment(plane.store, aDeployment(ended, about));
  }
  return plane;
}

const question = { service: "checkout-api", environment: "prod-emea", at: sat1 };
const subject = {
  service: "checkout-api",
  version: "5.0.0",
  environment: "prod-emea",
  action: "deploy",
  class: "normal",
  invoker: "person",
  requestedBy: "ann",
  contentDigest: null,
  onBehalfOf: null,
} as const;

async function coverAt(plane: CalendarPlane): Promise<string> {
  const { findings } = await plane.operations.askVerdict({ subject, at: sat1 }, callBy("ann"));
  const found = findings.find(({ rule }) => rule === "cover-present");
  return `${found?.outcome ?? ""} ${found?.code ?? ""}`;
}

test("the gap of a go-live and its stabilisation is named with those who could step in", async () => {
  await using plane = await openPlane();
  const answer = await plane.operations.askCover(question, callBy("ann"));
  assert.ok(answer.ok && answer.value.cover !== "none");
  assert.deepEqual(
    answer.value.cover.gaps.map(({ team, from, to, candidates }) => [
      team,
      from.toString(),
      to.toString(),
      candidates.map(({ person }) => person),
    ]),
    [["checkout", gap.from.toString(), gap.to.toString(), ["ann", "bob"]]],
  );
});

test("the rule and the answer about cover name the same gap, from its begin to its end", async () => {
  await using plane = await openPlane();
  const { findings } = await plane.operations.askVerdict({ subject, at: sat1 }, callBy("ann"));
  const said = findings.find(({ rule }) => rule === "cover-present")?.sentence ?? "";
  assert.match(said, /on duty from Sat 28 Mar 2026 03:00 .*\(2026-03-28T02:00Z\) to .*\(2026-03-28T05:00Z\)\./);
});

test("a swap closes the gap, and taking it back denies the booking again and says who is to be told", async () => {
  await using plane = await openPlane();
  const { operations, store, clock } = plane;
  assert.equal(await coverAt(plane), "deny cover-gap");
  const id = await plane.request("checkout-api", "5.0.0");
  assert.notEqual((await store.views.deployment(id))?.verdict?.nextOpening?.toString(), sat1.toString());

  clock.now = start.add({ minutes: 1 });
  const swap = { team: "checkout", person: "bob", replaces: null, ...gap, reason: "Bob stays up." };
  const swapped = await operations.swapShift(swap, callBy("cem"));
  assert.ok(swapped.ok);
  assert.equal(await coverAt(plane), "pass covered");
  await plane.sweep();
  assert.equal((await store.views.deployment(id))?.verdict?.nextOpening?.toString(), sat1.toString());

  clock.now = start.add({ minutes: 2 });
  const withdrawn = await operations.withdrawSwap({ id: swapped.value.id, reason: "Bob is ill." }, callBy("cem"));
  assert.deepEqual(withdrawn.ok && [withdrawn.value.gained, withdrawn.value.lost], [[], [id]]);
  assert.equal(await coverAt(plane), "deny cover-gap");
  const { items } = await store.views.audit({ object: id, action: "cover.lose", limit: 5, cursor: null });
  assert.equal(items.length, 1);
  assert.match(JSON.stringify(items[0]), /nobody of checkout is on duty from 2026-03-28T02:00:00Z/);
  const view = await store.views.deployment(id);
  const line = view?.timeline.find(({ name }) => name.startsWith("cover lost"));
  assert.deepEqual(line?.detail, { tell: ["ann", "team checkout"] });
  await plane.sweep();
  assert.notEqual((await store.views.deployment(id))?.verdict?.nextOpening?.toString(), sat1.toString());
  const again = await operations.withdrawSwap({ id: swapped.value.id, reason: "Again." }, callBy("cem"));
  assert.deepEqual(again, { ok: false, error: "no-such-swap" });
});

test("where cover leaves no slot the advice says so", async () => {
  await using plane = await openPlane();
  const asked = { ...subject, risk: null, since: null, until: null };
  const advice = await plane.operations.adviseSlots(asked, callBy("ann"));
  assert.ok(advice.ok);
  assert.deepEqual(
    [advice.value.slots, advice.value.blockers.map(({ id }) => id)],
    [[], ["inside-window", "cover-present"]],
  );
});

test("an import takes the place of the last from its source, and facts of the past keep theirs", async () => {
  await using plane = await openPlane();
  const { operations, clock } = plane;
  const rota = { team: "checkout", source: "pages", until: at("2026-04-01T00:00:00Z") };
  const night = { person: "cem", ...gap };
  assert.ok((await operations.importRota({ ...rota, duties: [night] }, callBy("cem"))).ok);
  assert.equal(await coverAt(plane), "pass covered");
  clock.now = start.add({ minutes: 1 });
  const later = { ...night, from: at("2026-03-30T00:00:00Z"), to: at("2026-03-30T02:00:00Z") };
  assert.ok((await operations.importRota({ ...rota, duties: [later] }, callBy("cem"))).ok);
  assert.equal(await coverAt(plane), "deny cover-gap");
  const before = await plane.store.transact((records) =>
    records.facts.load(subject, start, at("2026-04-01T00:00:00Z")),
  );
  assert.ok(typeof before.rotas !== "string");
  assert.deepEqual(
    before.rotas[0]?.duties.map(({ from }) => from.toString()),
    [gap.from.toString()],
  );
});

test("whoever the configuration does not declare cannot be on duty", async () => {
  await using plane = await openPlane();
  const { operations } = plane;
  const swap = { team: "checkout", person: "zoe", replaces: null, ...gap, reason: "Zoe?" };
  assert.deepEqual(await operations.swapShift(swap, callBy("cem")), {
    ok: false,
    error: { code: "no-such-person", name: "zoe" },
  });
  const lost = await operations.swapShift({ ...swap, team: "tills", person: "bob" }, callBy("cem"));
  assert.deepEqual(lost, { ok: false, error: { code: "no-such-team", name: "tills" } });
});
