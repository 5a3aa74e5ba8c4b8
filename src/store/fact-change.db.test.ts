import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { changesSince, currentSnapshot, pruneFactChanges, type Snapshot } from "#store/fact-change.ts";
import { execute, sql, type Queryable } from "#store/sql.ts";
import { aDeployment, freshStore, insertDeployment, noon, type TestStore } from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore(20);
});
after(() => store[Symbol.asyncDispose]());

let last: Snapshot;
beforeEach(async () => {
  last = await currentSnapshot(store.pool);
});

async function keysSince(snapshot: Snapshot): Promise<readonly string[]> {
  const { changes } = await changesSince(store.pool, snapshot);
  assert.ok(changes !== null);
  return changes.map(({ domain, key }) => `${domain}:${key}`).toSorted();
}

function note(client: Queryable, key: string): Promise<number> {
  return execute(client, sql`insert into fact_change (domain, key) values ('test', ${key})`);
}

test("what has changed is named once by domain and key, in the transaction of the change", async () => {
  const id = await insertDeployment(store, aDeployment({}, { service: "noted" }));
  const booking = (await store.transact((records) => records.deployments.find(id)))?.booking;
  assert.deepEqual(await keysSince(last), [`booking:${booking}`]);
  const then = await currentSnapshot(store.pool);
  await store.transact(async (records) => {
    await records.locks.take("environment:noted", id, null);
    await records.inventory.record({
      service: "noted",
      environment: "prod-emea",
      version: "1.0.0",
      digest: `sha256:${"0".repeat(64)}`,
      at: noon,
      deployment: id,
    });
  });
  assert.deepEqual(await keysSince(then), ["deployed:prod-emea noted", "lock:environment:noted"]);
});

test("a write that changes no fact is not noted", async () => {
  const id = await insertDeployment(store, aDeployment({}, { service: "quiet" }));
  const then = await currentSnapshot(store.pool);
  await store.transact((records) => records.deployments.note(id, { percent: 5 }));
  assert.deepEqual(await keysSince(then), []);
});

test("a transaction that began first and commits last is seen when it has committed, and not again", async () => {
  const early = await store.pool.connect();
  try {
    await early.query("begin");
    await note(early, "early");
    await note(store.pool, "late");
    const first = await changesSince(store.pool, last);
    assert.deepEqual(first.changes, [{ domain: "test", key: "late" }]);
    await early.query("commit");
    const second = await changesSince(store.pool, first.snapshot);
    assert.deepEqual(second.changes, [{ domain: "test", key: "early" }]);
    assert.deepEqual((await changesSince(store.pool, second.snapshot)).changes, []);
  } finally {
    early.release();
  }
});

test("what was rolled back never was", async () => {
  const client = await store.pool.connect();
  try {
    await client.query("begin");
    await note(client, "undone");
    await client.query("rollback");
  } finally {
    client.release();
  }
  assert.deepEqual(await keysSince(last), []);
});

test("after changes were removed a reader from before has to read everything anew, a later one has not", async () => {
  await note(store.pool, "old");
  await pruneFactChanges(store.pool, 0);
  assert.equal((await changesSince(store.pool, last)).changes, null);
  // Another database of the server may have a transaction open from before: then even this reader is sent back.
  const deadline = performance.now() + 20_000;
  let later = await changesSince(store.pool, await currentSnapshot(store.pool));
  while (later.changes === null && performance.now() < deadline) {
    await delay(20);
    later = await changesSince(store.pool, await currentSnapshot(store.pool));
  }
  assert.deepEqual(later.changes, []);
});
