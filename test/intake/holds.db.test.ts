import assert from "node:assert/strict";
import { test } from "node:test";
import { applyDocuments } from "#store/configuration.ts";
import { transaction } from "#store/sql.ts";
import { aDeployment, insertDeployment, noon } from "#test/support/store.ts";
import { callOf, openIntake, organisation, type IntakePlane } from "#test/intake/plane.ts";

const minutes = (count: number): Temporal.Instant => noon.add({ minutes: count });

async function place(
  plane: IntakePlane,
  person: string,
  liftedBy: string | null,
  until: Temporal.Instant | null = null,
) {
  const input = { scope: { services: ["checkout-*"] }, reason: "The regulator is in house.", until, liftedBy };
  const placed = await plane.intake.placeHold(input, callOf(person));
  if (!placed.ok) throw new Error(placed.error);
  return placed.value.hold;
}

async function lift(plane: IntakePlane, id: string, person: string): Promise<string> {
  const lifted = await plane.intake.liftHold({ id, reason: "They have left." }, callOf(person));
  if (lifted.ok) return "lifted";
  return typeof lifted.error === "string" ? lifted.error : `${lifted.error.code}: ${lifted.error.liftedBy}`;
}

test("a hold is a fact from its placing to its lifting, and a question about the past still finds it", async () => {
  await using plane = await openIntake();
  plane.clock.set(minutes(10));
  const hold = await place(plane, "oli", null);
  plane.clock.set(minutes(20));
  assert.equal(await lift(plane, hold.id, "oli"), "lifted");
  const seen = async (minute: number) => (await plane.facts({}, minutes(minute))).holds.map(({ id }) => id);
  assert.deepEqual(await Promise.all([9, 10, 19, 20].map(seen)), [[], [hold.id], [hold.id], []]);
  const found = (await plane.facts({}, minutes(10))).holds;
  assert.deepEqual(found, [{ ...hold, liftedBy: "oli" }]);
});

test("a hold with an end lifts itself then", async () => {
  await using plane = await openIntake();
  const hold = await place(plane, "oli", null, minutes(30));
  assert.equal((await plane.facts({}, minutes(29))).holds.length, 1);
  assert.deepEqual((await plane.facts({}, minutes(30))).holds, []);
  plane.clock.set(minutes(30));
  assert.equal(await lift(plane, hold.id, "oli"), "already-lifted");
});

for (const [named, person, outcome] of [
  ["cleo", "oli", "not-meant: cleo"],
  ["cleo", "cleo", "lifted"],
  ["web", "oli", "lifted"],
  ["web", "cleo", "not-meant: web"],
  ["compliance", "cleo", "lifted"],
  ["compliance", "oli", "not-meant: compliance"],
] as const) {
  test(`a hold that names ${named} is ${outcome} when ${person} tries`, async () => {
    await using plane = await openIntake();
    const hold = await place(plane, "oli", named);
    assert.equal(await lift(plane, hold.id, person), outcome);
    assert.equal((await plane.facts()).holds.length, outcome === "lifted" ? 0 : 1);
  });
}

test("a hold that nobody could lift, that matches nothing or that is over already is refused", async () => {
  await using plane = await openIntake();
  const base = { scope: {}, reason: "x", until: null, liftedBy: null };
  for (const [change, code] of [
    [{ liftedBy: "somebody" }, "nobody-may-lift"],
    // ann is a developer, and developers change no holds.
    [{ liftedBy: "ann" }, "nobody-may-lift"],
    [{ scope: { services: ["checkout-api", "chekout-*"] } }, "matches-nothing"],
    [{ scope: { environments: ["staging"] } }, "matches-nothing"],
    [{ until: noon }, "bad-span"],
  ] as const) {
    const placed = await plane.intake.placeHold({ ...base, ...change }, callOf("oli"));
    assert.equal(placed.ok ? "placed" : placed.error, code);
  }
  assert.deepEqual((await plane.facts()).holds, []);
});

test("when nobody is left whom a hold names, whoever may change holds may lift it", async () => {
  await using plane = await openIntake();
  const hold = await place(plane, "oli", "cleo");
  const documents = organisation.filter(({ name }) => name !== "cleo");
  await transaction(plane.store.pool, (client) => applyDocuments(client, { documents, at: minutes(5), by: "oli" }));
  plane.clock.set(minutes(6));
  assert.equal(await lift(plane, hold.id, "oli"), "lifted");
});

test("a stop is a fact until somebody resumes or its end comes, roll-backs excepted or not", async () => {
  await using plane = await openIntake();
  const input = { reason: "Fire.", until: null, allowsRollBack: false };
  const stopped = await plane.intake.stop(input, callOf("oli"));
  assert.ok(stopped.ok);
  const { stop } = stopped.value;
  assert.deepEqual((await plane.facts()).stops, [stop]);
  plane.clock.set(minutes(5));
  const ended = await plane.intake.resume({ id: stop.id, reason: "It is out." }, callOf("cleo"));
  assert.equal(ended.ok ? ended.value.ended?.by : ended.error, "cleo");
  assert.deepEqual((await plane.facts()).stops, []);
  assert.equal((await plane.facts({}, minutes(4))).stops.length, 1);
  const again = await plane.intake.resume({ id: stop.id, reason: "x" }, callOf("cleo"));
  assert.equal(again.ok ? "ended" : again.error, "already-lifted");
  const nothing = await plane.intake.resume({ id: `stp_${"0".repeat(32)}`, reason: "x" }, callOf("cleo"));
  assert.equal(nothing.ok ? "ended" : nothing.error, "no-such-stop");
});

test("every change is on record with its reason and makes all waiting work due at once", async () => {
  await using plane = await openIntake();
  const later = noon.add({ hours: 5 });
  const waiting = await insertDeployment(plane.store, aDeployment({ nextCheckAt: later }, { service: "catalog-web" }));
  const dueAfter = async (act: () => Promise<unknown>): Promise<boolean> => {
    await plane.store.transact((records) => records.deployments.note(waiting, { nextCheckAt: later }));
    await act();
    const due = await plane.store.transact((records) => records.deployments.due(noon, 10));
    return due.some(({ id }) => id === waiting);
  };
  let id = "";
  assert.ok(await dueAfter(async () => (id = (await place(plane, "oli", null)).id)));
  assert.ok(await dueAfter(() => lift(plane, id, "oli")));
  let stop = "";
  const input = { reason: "Fire.", until: null, allowsRollBack: true };
  assert.ok(
    await dueAfter(async () => {
      const stopped = await plane.intake.stop(input, callOf("oli"));
      if (stopped.ok) stop = stopped.value.stop.id;
    }),
  );
  assert.ok(await dueAfter(() => plane.intake.resume({ id: stop, reason: "It is out." }, callOf("oli"))));
  const { items } = await plane.store.views.audit({ object: null, action: null, limit: 10, cursor: null });
  assert.deepEqual(items.map(({ action, reason }) => `${action}: ${reason}`).toReversed(), [
    "hold.place: The regulator is in house.",
    "hold.lift: They have left.",
    "stop.place: Fire.",
    "stop.lift: It is out.",
  ]);
});

test("lists show what is in force, or everything with who ended it and why", async () => {
  await using plane = await openIntake();
  const first = await place(plane, "oli", null);
  plane.clock.set(minutes(1));
  const second = await place(plane, "cleo", null);
  await lift(plane, first.id, "oli");
  const ids = async (inForceAt: Temporal.Instant | null, cursor: string | null = null, limit = 1) => {
    const page = await plane.intake.listHolds({ inForceAt, limit, cursor });
    return { ids: page.items.map(({ hold, ended }) => [hold.id, ended?.reason ?? null]), next: page.next };
  };
  assert.deepEqual(await ids(minutes(1)), { ids: [[second.id, null]], next: null });
  const page = await ids(null);
  assert.deepEqual(page.ids, [[second.id, null]]);
  assert.deepEqual(await ids(null, page.next), { ids: [[first.id, "They have left."]], next: null });
});
