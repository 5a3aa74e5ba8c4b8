import assert from "node:assert/strict";
import { test } from "node:test";
import { bindRecords } from "#main/bind-records.ts";
import { bindReservations } from "#main/bind-reservations.ts";
import { manualClock, type ManualClock } from "#runtime/clock.ts";
import { applyDocuments } from "#store/configuration.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { insertReservation } from "#store/reservation.ts";
import { transaction } from "#store/sql.ts";
import type { Reservation } from "#core/plan/reservation.ts";
import type { Call } from "#usecases/operations.ts";
import type { ReservationOperations, ReservationWish } from "#usecases/plan/reservation-operations.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { aDeployment, freshStore, insertDeployment, noon, type TestStore } from "#test/support/store.ts";

const teams = ["web", "books", "risk"] as const;
type Team = (typeof teams)[number];
const organisation = documentsOf(
  [
    "kind: Unit\nmetadata: { name: retail }\nspec: {}\n",
    ...teams.flatMap((team) => [
      `kind: Team\nmetadata: { name: ${team} }\nspec: { unit: retail }\n`,
      `kind: Person\nmetadata: { name: of-${team} }\nspec: { teams: [${team}], roles: [operator] }\n`,
      `kind: Service\nmetadata: { name: ${team}-app }\nspec: { unit: retail, team: ${team}, tier: 2 }\n`,
    ]),
    "kind: Person\nmetadata: { name: arbiter }\nspec: { roles: [release-manager] }\n",
    "kind: Environment\nmetadata: { name: uat }\nspec: { zone: Europe/Berlin, windows: optional }\n",
    "kind: Resource\nmetadata: { name: payco-sandbox }\nspec: { owner: web, capacity: 2 }\n",
  ].join("---\n"),
);

interface Plane {
  readonly store: TestStore;
  readonly clock: ManualClock;
  readonly reservations: ReservationOperations;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

async function openPlane(): Promise<Plane> {
  const store = await freshStore();
  await transaction(store.pool, (client) => applyDocuments(client, { documents: organisation, at: noon, by: "ann" }));
  const clock = manualClock(noon);
  // As the server does it: in one snapshot, and anew when another transaction was faster.
  const { transact } = bindRecords(store.pool, { organisations: createOrganisationCache() });
  const reservations = bindReservations(store.pool, transact, clock.now);
  return { store, clock, reservations, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

const callOf = (person: string): Call => ({
  actor: { person, account: person, method: "token" },
  requestId: "req-test",
});
const hours = (count: number): Temporal.Instant => noon.add({ hours: count });
const span = (from: number, to: number) => ({ from: hours(from), to: hours(to) });
const uat = { kind: "environment", name: "uat" } as const;
const sandbox = { kind: "resource", name: "payco-sandbox" } as const;

async function ask({ reservations }: Plane, team: Team, from: number, to: number, more: Partial<ReservationWish> = {}) {
  const wish = { place: uat, team, span: span(from, to), seats: 1, orNext: false, reason: "Acceptance.", ...more };
  const answered = await reservations.reserve(wish, callOf(`of-${team}`));
  if (!answered.ok) assert.fail(answered.error);
  return answered.value;
}

async function have(plane: Plane, team: Team, from: number, to: number, more: Partial<ReservationWish> = {}) {
  const found = await ask(plane, team, from, to, more);
  return found.kind === "reserved" ? found.reservation : assert.fail("it is taken");
}

const hoursOf = ({ from, to }: { from: Temporal.Instant; to: Temporal.Instant }): readonly number[] =>
  [from, to].map((at) => (at.epochMilliseconds - noon.epochMilliseconds) / 3_600_000);

async function seenAt({ store }: Plane, service: string, at: Temporal.Instant): Promise<readonly Reservation[]> {
  const subject = {
    ...aDeployment({}, { service, version: "1.0.0", environment: "uat" }).subject,
    onBehalfOf: null,
  };
  return (await store.transact((records) => records.facts.load(subject, at, at.add({ hours: 48 })))).reservations;
}

test("what is taken is answered with who has it and with dated ways out, and nothing is reserved", async () => {
  await using plane = await openPlane();
  const first = await have(plane, "web", 10, 14);
  const taken = await ask(plane, "books", 12, 16);
  assert.ok(taken.kind === "taken");
  assert.deepEqual(taken.by, [first]);
  assert.deepEqual(
    taken.options.map(({ kind, spans }) => [kind, ...spans.map(hoursOf)]),
    [
      ["later", [14, 18]],
      ["earlier", [6, 10]],
      ["shorter", [14, 16]],
      ["split", [14, 16], [16, 18]],
    ],
  );
  assert.deepEqual(await plane.reservations.listReservations({ place: "environment:uat", limit: 10 }), [first]);
});

test("of many that ask for one place at once, one gets it and the others are told", async () => {
  await using plane = await openPlane();
  const answers = await Promise.all(teams.flatMap((team) => [ask(plane, team, 10, 14), ask(plane, team, 12, 16)]));
  assert.equal(answers.filter(({ kind }) => kind === "reserved").length, 1);
});

test("two teams get places of their own in a sandbox that has two", async () => {
  await using plane = await openPlane();
  const one = await have(plane, "web", 10, 14, { place: sandbox });
  const two = await have(plane, "books", 10, 14, { place: sandbox });
  assert.deepEqual([one.seats, two.seats], [[1], [2]]);
  assert.equal((await ask(plane, "risk", 12, 13, { place: sandbox })).kind, "taken");
  assert.deepEqual((await have(plane, "risk", 14, 15, { place: sandbox, seats: "all" })).seats, [1, 2]);
});

test("who lets go early lets the next one move forward, and wakes the work that waits", async () => {
  await using plane = await openPlane();
  const { store, clock, reservations } = plane;
  const first = await have(plane, "web", 1, 14);
  const queued = await have(plane, "books", 2, 5, { orNext: true });
  assert.deepEqual(hoursOf(queued), [14, 17]);
  const about = { service: "risk-app", version: "1.0.0", environment: "uat" };
  const id = await insertDeployment(store, { ...aDeployment({}, about), nextCheckAt: hours(20) });
  clock.set(hours(3));
  assert.deepEqual((await seenAt(plane, "risk-app", hours(3))).map(hoursOf), [
    [1, 14],
    [14, 17],
  ]);
  const other = await reservations.releaseReservation({ id: first.id, reason: "Done." }, callOf("of-books"));
  assert.deepEqual(other, { ok: false, error: "not-of-team" });
  const released = await reservations.releaseReservation({ id: first.id, reason: "Done." }, callOf("of-web"));
  assert.ok(released.ok);
  assert.deepEqual(released.value.moved.map(hoursOf), [[3, 6]]);
  assert.deepEqual((await seenAt(plane, "risk-app", hours(4))).map(hoursOf), [[3, 6]]);
  assert.deepEqual(
    (await seenAt(plane, "risk-app", hours(2))).map(hoursOf),
    [
      [1, 14],
      [14, 17],
    ],
    "as it was known then",
  );
  const woken = await store.transact((records) => records.deployments.find(id));
  assert.equal(woken?.nextCheckAt?.toString(), hours(3).toString());
  assert.deepEqual(await reservations.releaseReservation({ id: first.id, reason: "Again." }, callOf("of-web")), {
    ok: false,
    error: "no-such-reservation",
  });
});

test("a reservation is extended up to the next one, and ends by itself", async () => {
  await using plane = await openPlane();
  const { clock, reservations } = plane;
  const first = await have(plane, "web", 1, 4);
  const next = await have(plane, "books", 8, 10);
  const longer = await reservations.extendReservation({ id: first.id, to: hours(8) }, callOf("of-web"));
  assert.ok(longer.ok && longer.value.kind === "reserved");
  assert.deepEqual(hoursOf(longer.value.reservation), [1, 8]);
  const tooLong = await reservations.extendReservation({ id: first.id, to: hours(9) }, callOf("of-web"));
  assert.ok(tooLong.ok && tooLong.value.kind === "taken");
  assert.deepEqual(tooLong.value.by, [next]);
  clock.set(hours(8));
  assert.deepEqual((await seenAt(plane, "risk-app", hours(8))).map(hoursOf), [[8, 10]]);
  const over = await reservations.extendReservation({ id: first.id, to: hours(12) }, callOf("of-web"));
  assert.deepEqual(over, { ok: false, error: "no-such-reservation" });
});

test("an arbiter gives the span to another team, and the loser stands behind it", async () => {
  await using plane = await openPlane();
  const loser = await have(plane, "web", 10, 14);
  const decided = await plane.reservations.arbitrateReservation(
    { id: loser.id, team: "books", span: span(10, 12), reason: "The regulator waits." },
    callOf("arbiter"),
  );
  assert.ok(decided.ok);
  assert.deepEqual(
    [hoursOf(decided.value.winner), hoursOf(decided.value.loser)],
    [
      [10, 12],
      [12, 16],
    ],
  );
  plane.clock.set(hours(11));
  const begun = await plane.reservations.arbitrateReservation(
    { id: decided.value.winner.id, team: "risk", span: span(11, 12), reason: "Now we." },
    callOf("arbiter"),
  );
  assert.deepEqual(begun, { ok: false, error: "already-begun" });
});

test("whatever the code does, the store holds no two teams in one place at one time", async () => {
  await using plane = await openPlane();
  const first = await have(plane, "web", 10, 14);
  const second: Reservation = {
    ...first,
    id: first.id.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
    team: "books",
  };
  await assert.rejects(
    transaction(plane.store.pool, (client) => insertReservation(client, second, noon)),
    /reserved_seat/,
  );
});
