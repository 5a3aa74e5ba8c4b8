import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { eventsAfter } from "#store/event.ts";
import { createEventFeed, type EventFeed } from "#store/event-feed.ts";
import { execute, sql, transaction } from "#store/sql.ts";
import { freshStore, type TestStore } from "#test/support/store.ts";

const tell = (store: TestStore, from: number, to: number) =>
  execute(
    store.pool,
    sql`insert into event (kind, object, body)
        select 'clock', n::text, '{}' from generate_series(${from}::integer, ${to}::integer) n`,
  );

/** The first `count` events of a new stream. */
async function take(feed: EventFeed, after: string | null, count: number): Promise<{ id: string; object: string }[]> {
  const leaving = new AbortController();
  const taken: { id: string; object: string }[] = [];
  if (count === 0) return taken;
  for await (const { id, object } of feed.follow(after, leaving.signal)) {
    taken.push({ id, object });
    if (taken.length === count) leaving.abort();
  }
  return taken;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

/** "Now" lies behind every transaction of the server that still runs, those of other tests included. */
async function untilTold(store: TestStore, count: number): Promise<void> {
  for (let waited = 0; (await eventsAfter(store.pool, { xid: "0", seq: 0 })).events.length < count; waited += 10) {
    assert.ok(waited < 20_000, "some transaction of the server never ends");
    await delay(10);
  }
}

test("a stream starts from now, and another goes on after the event it has seen", async () => {
  await using store = await freshStore();
  await tell(store, 1, 3);
  await untilTold(store, 3);
  await using feed = await createEventFeed(store.pool, store.connectionString);
  const following = take(feed, null, 4);
  await tell(store, 4, 7);
  const seen = await following;
  assert.deepEqual(
    seen.map(({ object }) => object),
    numbers(4, 7),
  );
  assert.deepEqual(
    (await take(feed, seen[1]?.id ?? null, 2)).map(({ object }) => object),
    numbers(6, 7),
  );
});

test("a stream that is behind the memory of the feed, or comes with an unknown id, starts in the table", async () => {
  await using store = await freshStore();
  await using feed = await createEventFeed(store.pool, store.connectionString);
  const following = take(feed, null, 5_000);
  for (let from = 1; from <= 5_000; from += 1_000) await tell(store, from, from + 999);
  const seen = await following;
  assert.deepEqual(
    seen.map(({ object }) => object),
    numbers(1, 5_000),
  );
  const late = await take(feed, seen[9]?.id ?? null, 4_990);
  assert.deepEqual(late, seen.slice(10));
  for (const unknown of ["nonsense", "0-0", "18446744073709551615-1"]) {
    assert.deepEqual(
      (await take(feed, unknown, 3)).map(({ object }) => object),
      numbers(1, 3),
    );
  }
});

test("20 streams see the same events in the same order while 6 writers commit", async () => {
  await using store = await freshStore();
  await using feed = await createEventFeed(store.pool, store.connectionString);
  const following = Promise.all(Array.from({ length: 20 }, () => take(feed, null, 120)));
  const write = async (writer: number): Promise<void> => {
    for (let index = 0; index < 20; index++) {
      await transaction(store.pool, (client) =>
        execute(client, sql`insert into event (kind, object, body) values ('clock', ${`${writer} ${index}`}, '{}')`),
      );
    }
  };
  await Promise.all(Array.from({ length: 6 }, (_, writer) => write(writer)));
  const [first, ...others] = await following;
  assert.equal(new Set(first?.map(({ object }) => object)).size, 120);
  for (const other of others) assert.deepEqual(other, first);
});

test("a stream ends when its reader leaves while it waits", async () => {
  await using store = await freshStore();
  await using feed = await createEventFeed(store.pool, store.connectionString);
  const leaving = new AbortController();
  const waiting = feed.follow(null, leaving.signal)[Symbol.asyncIterator]().next();
  leaving.abort();
  assert.deepEqual(await waiting, { value: undefined, done: true });
});
