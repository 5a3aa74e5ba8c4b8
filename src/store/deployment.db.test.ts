import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { execute, sql, transaction } from "#store/sql.ts";
import {
  dueDeployments,
  findDeployment,
  findOpenDeployment,
  insertDeployment,
  moveDeployment,
} from "#store/deployment.ts";
import { applyWakes, requestWake, wakeConcerned } from "#store/deployment-wake.ts";
import { blocked } from "#test/support/blocked.ts";
import {
  aDeployment,
  at,
  freshStore,
  hourAfter,
  insertDeployment as storeDeployment,
  noon,
  type TestStore,
} from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore();
});
after(() => store[Symbol.asyncDispose]());

/** Services of a test's own keep tests of one database apart. */
let count = 0;
const aService = (): string => `service-${++count}`;

test("a deployment is read as it was written, to the microsecond", async () => {
  const written = aDeployment(
    { requestedAt: at("2026-11-02T12:00:00.123456Z"), nextCheckAt: at("2026-11-02T12:00:01.000001Z"), percent: 12.5 },
    { service: aService(), requestedBy: "bob" },
  );
  await storeDeployment(store, written);
  const read = await store.transact((records) => records.deployments.find(written.id));
  assert.deepEqual(read, written);
  const locked = await store.transact((records) => records.deployments.findForUpdate(written.id));
  assert.deepEqual(locked, written);
});

test("an instant finer than a microsecond is cut, never rounded into the future", async () => {
  const written = aDeployment({ nextCheckAt: at("2026-11-02T12:00:00.000000999Z") }, { service: aService() });
  await storeDeployment(store, written);
  const read = await store.transact((records) => records.deployments.find(written.id));
  assert.equal(read?.nextCheckAt?.toString(), "2026-11-02T12:00:00Z");
});

test("a move changes the state and what is named, nothing else", async () => {
  const written = aDeployment({ control: "0.9.0" }, { service: aService() });
  await storeDeployment(store, written);
  await store.transact((records) => records.deployments.move(written.id, "waiting", "queued", {}));
  await store.transact((records) =>
    records.deployments.move(written.id, "queued", "running", { startedAt: noon, fence: 7, control: null }),
  );
  const read = await store.transact((records) => records.deployments.find(written.id));
  assert.deepEqual(read, { ...written, state: "running", nextCheckAt: null, startedAt: noon, fence: 7, control: null });
});

test("a move from a state that is not the stored one throws and changes nothing", async () => {
  const written = aDeployment({ state: "queued" }, { service: aService() });
  await storeDeployment(store, written);
  const move = store.transact((records) => records.deployments.move(written.id, "waiting", "queued", {}));
  await assert.rejects(move, /is not waiting, so it was not made queued/);
  assert.equal((await store.transact((records) => records.deployments.find(written.id)))?.state, "queued");
});

test("of 8 moves out of the same state at once one succeeds", async () => {
  const written = aDeployment({}, { service: aService() });
  await storeDeployment(store, written);
  const moves = Array.from({ length: 8 }, () =>
    transaction(store.pool, (client) => moveDeployment(client, written.id, "waiting", "queued", {})),
  );
  const settled = await Promise.allSettled(moves);
  assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
});

test("an ended deployment keeps its state, its end and its outcome, whoever writes", async () => {
  const written = aDeployment({ state: "succeeded" }, { service: aService() });
  await storeDeployment(store, written);
  for (const change of [
    sql`state = 'failed'`,
    sql`state = 'waiting', ended_at = null, next_check_at = now()`,
    sql`ended_at = now()`,
    sql`outcome = 'another story'`,
  ]) {
    const update = execute(store.pool, sql`update deployment set ${change} where id = ${written.id}`);
    await assert.rejects(update, /has ended as succeeded/);
  }
  await assert.rejects(
    execute(store.pool, sql`delete from deployment where id = ${written.id}`),
    /never changed or deleted/,
  );
});

for (const [title, change] of [
  ["waits without a timer", { nextCheckAt: null }],
  ["has a timer and does not wait", { state: "queued", nextCheckAt: noon }],
  ["is open and has an end", { endedAt: noon, outcome: "It ended." }],
  ["has ended and has no end", { state: "failed", endedAt: null }],
  ["has ended without an outcome", { state: "failed", outcome: null }],
  ["waits and has started", { startedAt: noon }],
  ["takes more than all traffic", { state: "running", percent: 100.5 }],
] as const) {
  test(`a deployment that ${title} cannot be stored`, async () => {
    await assert.rejects(
      storeDeployment(store, aDeployment(change, { service: aService() })),
      /violates check constraint/,
    );
  });
}

test("one version has one open deployment in an environment", async () => {
  const service = aService();
  const first = aDeployment({}, { service });
  await storeDeployment(store, first);
  await assert.rejects(storeDeployment(store, aDeployment({}, { service })), /has an open deployment/);
  const found = await store.transact((records) => records.deployments.findOpen(service, "1.0.0", "prod"));
  assert.equal(found?.id, first.id);
  await store.transact((records) =>
    records.deployments.move(first.id, "waiting", "cancelled", { endedAt: noon, outcome: "Cancelled." }),
  );
  assert.equal(await store.transact((records) => records.deployments.findOpen(service, "1.0.0", "prod")), null);
  await storeDeployment(store, aDeployment({}, { service }));
});

test("a timer that is set after the start is ignored", async () => {
  const written = aDeployment({ state: "queued" }, { service: aService() });
  await storeDeployment(store, written);
  await store.transact((records) => records.deployments.note(written.id, { nextCheckAt: noon, percent: 5 }));
  const read = await store.transact((records) => records.deployments.find(written.id));
  assert.deepEqual(read, { ...written, percent: 5 });
});

for (const isolation of ["read committed", "repeatable read"] as const) {
  test(`4 sweepers at once get each due deployment once, the oldest first (${isolation})`, async () => {
    await using own = await freshStore();
    const waiting = Array.from({ length: 60 }, (_, index) =>
      aDeployment({ nextCheckAt: noon.add({ seconds: index }) }, { service: `swept-${index}` }),
    );
    for (const deployment of waiting) await storeDeployment(own, deployment);
    await storeDeployment(own, aDeployment({ nextCheckAt: noon.add({ hours: 2 }) }, { service: "not-due" }));
    const swept: string[] = [];
    const sweeper = async (): Promise<void> => {
      for (;;) {
        const ids = await transaction(
          own.pool,
          async (client) => {
            const due = await dueDeployments(client, hourAfter(noon), 3);
            for (const { id } of due) await moveDeployment(client, id, "waiting", "queued", {});
            return due.map(({ id }) => id);
          },
          { isolation },
        );
        if (ids.length === 0) return;
        swept.push(...ids);
      }
    };
    // A sweeper may find all that is left in others' hands and end; the last one leaves nothing.
    await Promise.all(Array.from({ length: 4 }, sweeper));
    await sweeper();
    assert.equal(swept.length, 60);
    assert.deepEqual(new Set(swept), new Set(waiting.map(({ id }) => id)));
  });
}

test("a wake makes the waiting work of its environment due, and only that", async () => {
  const later = noon.add({ hours: 5 });
  const here = aDeployment({ nextCheckAt: later }, { service: aService(), environment: "woken" });
  const elsewhere = aDeployment({ nextCheckAt: later }, { service: aService(), environment: "asleep" });
  await storeDeployment(store, here);
  await storeDeployment(store, elsewhere);
  const checkOf = (id: typeof here.id) =>
    store.transact(async (records) => (await records.deployments.find(id))?.nextCheckAt);
  await store.transact((records) => records.deployments.wake("woken", noon));
  assert.deepEqual([await checkOf(here.id), await checkOf(elsewhere.id)].map(String), [noon, later].map(String));
  await store.transact((records) => records.deployments.wake(null, noon));
  assert.equal(String(await checkOf(elsewhere.id)), String(noon));
});

for (const asked of ["at once", "as a request"] as const) {
  test(`a wake waits for the sweeper that judges the row, so the change is not overlooked (${asked})`, async () => {
    const environment = `judged ${asked}`;
    const written = aDeployment({}, { service: aService(), environment });
    await storeDeployment(store, written);
    const judged = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const sweep = store.transact(async (records) => {
      await records.deployments.findForUpdate(written.id);
      held.resolve();
      await judged.promise;
      await records.deployments.note(written.id, { nextCheckAt: noon.add({ hours: 1 }) });
    });
    await held.promise;
    const about = { services: null, environments: [environment], digest: null };
    const then = noon.add({ minutes: 1 });
    const wake =
      asked === "at once"
        ? transaction(store.pool, (client) => wakeConcerned(client, about, then))
        : requestWake(store.pool, about, then).then(() => applyWakes(store.pool));
    await blocked(store.pool, 1);
    judged.resolve();
    await Promise.all([sweep, wake]);
    const read = await store.transact((records) => records.deployments.find(written.id));
    assert.equal(String(read?.nextCheckAt), "2026-11-02T12:01:00Z");
  });
}

test("a wake that is asked for in one snapshot does not fail because of work that is being judged", async () => {
  const environment = "asked in one snapshot";
  const written = aDeployment({ nextCheckAt: noon.add({ hours: 5 }) }, { service: aService(), environment });
  await storeDeployment(store, written);
  const about = { services: null, environments: [environment], digest: null };
  await transaction(
    store.pool,
    async (client) => {
      await findDeployment(client, written.id);
      // Somebody judges the row, and commits, between the snapshot and the wake.
      await store.transact((records) => records.deployments.note(written.id, { nextCheckAt: noon.add({ hours: 4 }) }));
      await requestWake(client, about, noon);
    },
    { isolation: "repeatable read", retries: 0 },
  );
  assert.equal(await applyWakes(store.pool), 1);
  const read = await store.transact((records) => records.deployments.find(written.id));
  assert.equal(String(read?.nextCheckAt), String(noon));
});

test("of 8 equal requests at once one is stored, and the others find it when they look again", async () => {
  const service = aService();
  const request = () =>
    transaction(
      store.pool,
      async (client) => {
        const open = await findOpenDeployment(client, service, "1.0.0", "prod");
        if (open !== null) return "already-open";
        await insertDeployment(client, aDeployment({}, { service }), { from: noon, to: hourAfter(noon) });
        return "inserted";
      },
      { isolation: "repeatable read" },
    );
  const outcomes = await Promise.all(Array.from({ length: 8 }, request));
  assert.deepEqual(outcomes.sort(), [...Array.from({ length: 7 }, () => "already-open"), "inserted"]);
});
