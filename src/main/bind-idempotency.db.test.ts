import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import { z } from "zod";
import type { Attempt, IdempotencyStore, Reservation } from "#api/deps.ts";
import { createLog } from "#runtime/log.ts";
import { CommitUnknown, createPool, execute, query, queryOne, sql, transaction } from "#store/sql.ts";
import { bindIdempotency } from "#main/bind-idempotency.ts";
import { urlThrough } from "#test/faults/plane.ts";
import { commitReply, faultProxy, type FaultProxy } from "#test/faults/proxy.ts";
import { freshStore, type TestStore } from "#test/support/store.ts";

/*
 * What becomes of a key when the act under it breaks: the connections of whoever carries it out go through a proxy that
 * cuts them, the store is looked at directly.
 */

let store: TestStore;
let proxy: FaultProxy;
let pool: Pool;
let keys: IdempotencyStore;
const stopping = new AbortController();
/** What the trigger at COMMIT waits for while somebody holds it. */
const gate = 4711;

before(async () => {
  store = await freshStore();
  await store.pool.query(`
    create table deed (note text);
    create function at_commit() returns trigger language plpgsql as $$ begin
      perform set_config('lock_timeout', '0', true);
      perform pg_advisory_xact_lock_shared(${gate});
      if new.note like 'dies%' then perform pg_terminate_backend(pg_backend_pid()); end if;
      return null;
    end $$;
    create constraint trigger at_commit after insert on deed deferrable initially deferred
      for each row execute function at_commit()`);
  const direct = new URL(store.connectionString);
  const socket = direct.searchParams.get("host");
  proxy = await faultProxy(
    socket === null
      ? { host: direct.hostname, port: Number(direct.port) }
      : { path: join(socket, `.s.PGSQL.${direct.port === "" ? 5432 : direct.port}`) },
    1,
  );
  pool = createPool(urlThrough(direct, proxy.port), { max: 5, name: "keys", limits: { lockMs: 200 } });
  keys = bindIdempotency(pool, stopping.signal, createLog({ level: "silent" }));
});
after(async () => {
  stopping.abort();
  await pool.end();
  await proxy[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

const reserve = (key: string, isRepeatable = false): Promise<Reservation> =>
  keys.reserve({ scope: "alice", key, operation: "startRun", bodyDigest: "sha256:body", isRepeatable });

async function reserved(key: string): Promise<Attempt> {
  const reservation = await reserve(key);
  assert.ok(reservation.state === "fresh");
  return reservation.attempt;
}

const act = (note: string) => () =>
  transaction(pool, (client) => execute(client, sql`insert into deed values (${note})`));

async function isDone(note: string): Promise<boolean> {
  return (await query(store.pool, sql`select note from deed where note = ${note}`, z.unknown())).length > 0;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; await delay(20)) if (await holds()) return;
  assert.fail(`never came: ${what}`);
}

/** What a client that asks again hears in the end. */
async function outcomeOf(key: string): Promise<Reservation["state"]> {
  let state: Reservation["state"] = "in-progress";
  await until("an end of the first attempt", async () => {
    state = (await reserve(key).catch(() => null))?.state ?? "in-progress";
    return state !== "in-progress";
  });
  return state;
}

test("an act that is refused by the store leaves its key free at once", async () => {
  const attempt = await reserved("refused");
  const refused = keys.carryOut(attempt, () => transaction(pool, (client) => client.query("select 1/0")));
  await assert.rejects(refused, /division by zero/);
  assert.equal((await reserve("refused")).state, "fresh");
});

test("an act that waits too long for a lock leaves its key free at once, however many do so", async () => {
  await transaction(store.pool, async (client) => {
    await client.query("lock table deed in access exclusive mode");
    const names = Array.from({ length: 10 }, (_, each) => `locked ${each}`);
    const acts = await Promise.allSettled(names.map(async (name) => keys.carryOut(await reserved(name), act(name))));
    assert.ok(acts.every(({ status }) => status === "rejected"));
    const again = await Promise.all(names.map((name) => reserve(name)));
    assert.deepEqual(new Set(again.map(({ state }) => state)), new Set(["fresh"]));
  });
});

test("a server that ends the session at COMMIT has done nothing, and the key is free", async () => {
  const attempt = await reserved("dies");
  await assert.rejects(keys.carryOut(attempt, act("dies at commit")), CommitUnknown);
  assert.equal(await outcomeOf("dies"), "fresh");
  assert.equal(await isDone("dies at commit"), false);
});

test("a COMMIT whose reply is lost was done: the key says so, and never lets it be done again", async () => {
  const attempt = await reserved("told nobody");
  proxy.set({ kind: "cut-on-reply", reply: commitReply, times: 1 });
  await assert.rejects(keys.carryOut(attempt, act("told nobody")), CommitUnknown);
  assert.equal(proxy.struck("cut-on-reply"), 1);
  assert.equal(await isDone("told nobody"), true);
  assert.equal(await outcomeOf("told nobody"), "answer-lost");
  assert.equal((await reserve("told nobody", true)).state, "fresh", "what finds its own work may look for it");
});

for (const [fate, done] of [
  ["slow", true],
  ["dies slowly", false],
] as const) {
  test(`a COMMIT that goes on behind a lost connection is waited for: ${done ? "done" : "rolled back"}`, async () => {
    const attempt = await reserved(fate);
    await transaction(store.pool, async (client) => {
      await client.query(`select pg_advisory_xact_lock(${gate})`);
      const broken = assert.rejects(keys.carryOut(attempt, act(fate)), CommitUnknown);
      await until("a COMMIT that waits", async () => {
        const waiting = sql`select count(*)::integer as n from pg_locks where locktype = 'advisory' and objid = ${gate} and not granted`;
        return (await queryOne(store.pool, waiting, z.object({ n: z.number() })))?.n === 1;
      });
      proxy.cutAll();
      await broken;
      assert.equal((await reserve(fate, true)).state, "in-progress", "nobody takes what may still be done");
    });
    assert.equal(await outcomeOf(fate), done ? "answer-lost" : "fresh");
    assert.equal(await isDone(fate), done);
  });
}

test("an answer that cannot be stored at once is stored when the store is back", async () => {
  const attempt = await reserved("answered");
  assert.ok((await keys.carryOut(attempt, act("answered"))).ok);
  proxy.set({ kind: "drop" });
  await keys.complete(attempt, { status: 202, body: { id: "one" } });
  await assert.rejects(reserve("unreachable"));
  proxy.set({ kind: "none" });
  assert.equal(await outcomeOf("answered"), "replay");
  assert.equal(await outcomeOf("unreachable"), "fresh", "nothing stays reserved for nobody");
});
