import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { setClockShift } from "#store/clock.ts";
import {
  cursorText,
  eventsAfter,
  listen,
  parseCursor,
  presentCursor,
  pruneEvents,
  type EventCursor,
  type StoredEvent,
} from "#store/event.ts";
import { execute, query, queryOne, sql, transaction } from "#store/sql.ts";
import { aDeployment, freshStore, insertDeployment, noon, type TestStore } from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore(20);
});
after(() => store[Symbol.asyncDispose]());

/** Other databases of the server may have transactions open: they delay events, so a test waits for what it expects. */
async function readUntil(
  from: EventCursor,
  enough: (events: readonly StoredEvent[]) => boolean,
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  let cursor = from;
  while (!enough(events)) {
    const read = await eventsAfter(store.pool, cursor);
    assert.equal(read.missed, false);
    events.push(...read.events);
    cursor = read.cursor;
    if (read.events.length === 0) await delay(5);
  }
  return events;
}

test("every fact that changes is told once, with what changed", async () => {
  const from = await presentCursor(store.pool);
  const deployment = await insertDeployment(store, aDeployment({}, { service: "told" }));
  await store.transact(async (records) => {
    await records.deployments.move(deployment, "waiting", "queued", {});
    const line = {
      deployment,
      at: noon,
      step: "lock",
      name: "lock",
      phase: "done",
      sentence: "Locked.",
      detail: null,
    } as const;
    await records.timeline.append(line);
    await records.timeline.append(line);
    const sample = { arm: "canary", requests: 1, errors: 0, p95Ms: 1 } as const;
    const seen = (...seconds: number[]) => ({
      deployment,
      samples: seconds.map((second) => ({ ...sample, second })),
      looks: [],
    });
    await records.timeline.keepSights([seen(1, 2)]);
    await records.timeline.keepSights([seen(2)]);
  });
  await setClockShift(store.pool, 5, "alice");
  const events = await readUntil(from, (seen) => seen.some(({ kind }) => kind === "clock"));
  assert.deepEqual(
    events.map(({ kind, object }) => `${kind} ${object}`),
    [
      `deployment ${deployment}`,
      `deployment ${deployment}`,
      `timeline ${deployment}`,
      `traffic ${deployment}`,
      "clock clock",
    ],
  );
  assert.deepEqual(events[1]?.body, {
    service: "told",
    version: "1.0.0",
    environment: "prod",
    state: "queued",
    percent: 0,
    revision: 2,
  });
  assert.deepEqual(events[3]?.body, { from: 1, to: 2 });
});

test("a change that is rolled back is not told", async () => {
  const from = await presentCursor(store.pool);
  const failed = transaction(store.pool, async (client) => {
    await setClockShift(client, 6, "mallory");
    throw new Error("undone");
  });
  await assert.rejects(failed, /undone/);
  await setClockShift(store.pool, 7, "alice");
  const events = await readUntil(from, (seen) => seen.length > 0);
  assert.deepEqual(
    events.map(({ body }) => body),
    [{ shiftMs: 7 }],
  );
});

test("a cursor misses nothing and sees nothing twice while 8 writers commit after random delays", async () => {
  const from = await presentCursor(store.pool);
  const perWriter = 25;
  const expected = 8 * perWriter * 2;
  const writer = async (name: number): Promise<void> => {
    for (let index = 0; index < perWriter; index++) {
      await transaction(store.pool, async (client) => {
        await tell(client, `${name} ${index} first`);
        await delay(randomInt(12));
        await tell(client, `${name} ${index} second`);
      });
    }
  };
  const reading = readUntil(from, (seen) => seen.length >= expected);
  await Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)));
  const events = await reading;
  assert.equal(events.length, expected);
  assert.equal(new Set(events.map(({ object }) => object)).size, expected);
  // Both events of a transaction stand together, in the order of their writing.
  for (let index = 0; index < expected; index += 2) {
    assert.equal(events[index]?.object.replace("first", "second"), events[index + 1]?.object);
  }
});

function tell(client: Parameters<typeof execute>[0], object: string): Promise<number> {
  return execute(client, sql`insert into event (kind, object, body) values ('clock', ${object}, '{}')`);
}

test("an event behind an open transaction waits for it, so that none lands behind the cursor", async () => {
  const from = await presentCursor(store.pool);
  const late = await store.pool.connect();
  await late.query("begin");
  await tell(late, "late");
  await tell(store.pool, "early");
  assert.deepEqual((await eventsAfter(store.pool, from)).events, []);
  await late.query("commit");
  late.release();
  const events = await readUntil(from, (seen) => seen.length >= 2);
  assert.deepEqual(
    events.map(({ object }) => object),
    ["late", "early"],
  );
});

test("a reader resumes after the event whose id it has", async () => {
  const from = await presentCursor(store.pool);
  for (const object of ["one", "two", "three"]) await tell(store.pool, object);
  const [one] = await readUntil(from, (seen) => seen.length === 3);
  const cursor = parseCursor(one?.id ?? "");
  assert.ok(cursor !== null && cursorText(cursor) === one?.id);
  assert.deepEqual(
    (await eventsAfter(store.pool, cursor)).events.map(({ object }) => object),
    ["two", "three"],
  );
});

for (const text of ["", "1", "1-", "-1-1", "1-1-1", "1.0-1", "x-1", "18446744073709551616-1", "1-9999999999999999"]) {
  test(`"${text}" is no id of an event`, () => {
    assert.equal(parseCursor(text), null);
  });
}

test("a reader whose place was removed by age is told so, one that is ahead is not", async () => {
  await using own = await freshStore();
  const from = await presentCursor(own.pool);
  await tell(own.pool, "old");
  await execute(own.pool, sql`update event set at = at - interval '49 hours'`);
  await tell(own.pool, "young");
  assert.equal(await pruneEvents(own.pool, 48), 1);
  assert.equal(await pruneEvents(own.pool, 48), 0);
  assert.equal((await eventsAfter(own.pool, from)).missed, true);
  const seqs = await query(own.pool, sql`select xid::text, seq from event_pruned`, (row) => row);
  assert.equal(seqs.length, 1);
  // Not `presentCursor`: a transaction of another test on this server may hold that back behind what was removed.
  const young = await queryOne(own.pool, sql`select xid, seq from event where object = 'young'`, (row) =>
    z.object({ xid: z.string(), seq: z.coerce.number() }).parse(row),
  );
  assert.ok(young !== null);
  assert.equal((await eventsAfter(own.pool, young)).missed, false);
});

test("a listener is told of a commit, and again after its connection was cut", async () => {
  const hints: (() => void)[] = [];
  const hint = (): Promise<void> => new Promise((resolve) => hints.push(resolve));
  await using listener = listen(store.connectionString, () => hints.splice(0).forEach((resolve) => resolve()));
  assert.ok(listener);
  await hint();
  for (let round = 0; round < 2; round++) {
    const told = hint();
    await tell(store.pool, `hint ${round}`);
    await told;
    const back = hint();
    const others = sql`select pg_terminate_backend(pid) from pg_stat_activity
                       where datname = current_database() and application_name = 'tidegate events'`;
    await execute(store.pool, others);
    await back;
  }
});
