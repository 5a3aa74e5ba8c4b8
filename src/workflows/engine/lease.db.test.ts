import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import { migrate } from "#store/migrate.ts";
import { createPool, execute, sql } from "#store/sql.ts";
import { freshDatabase, type TestDatabase } from "#test/support/postgres.ts";
import { createLease, type Lease, type LeaseEvent } from "#workflows/engine/lease.ts";
import { migrateEngine } from "#workflows/engine/schema.ts";

const ttlMs = 600;
let database: TestDatabase;
let pool: Pool;

before(async () => {
  database = await freshDatabase();
  pool = createPool(database.connectionString, { max: 4, name: "lease-test" });
  const migrated = await migrate(pool, { engine: migrateEngine });
  assert.ok(migrated.ok);
});
after(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

interface Watched {
  readonly lease: Lease;
  readonly events: LeaseEvent[];
  readonly dead: string[];
}

function watched(id: string): Watched {
  const events: LeaseEvent[] = [];
  const dead: string[] = [];
  const takeOver = async (executors: readonly string[]) => {
    dead.push(...executors);
    await execute(pool, sql`update dbos.workflow_status set status = 'ENQUEUED' where executor_id = any(${executors})`);
  };
  return { lease: createLease({ pool, id, ttlMs, takeOver, report: (event) => events.push(event) }), events, dead };
}

const pending = (executor: string) =>
  execute(
    pool,
    sql`insert into dbos.workflow_status (workflow_uuid, status, name, executor_id, application_version)
        values (${`run of ${executor}`}, 'PENDING', 'x', ${executor}, '1')
        on conflict (workflow_uuid) do update set status = 'PENDING'`,
  );

async function until(done: () => boolean): Promise<void> {
  for (let waited = 0; !done(); waited += 10) {
    assert.ok(waited < 10_000, "did not happen");
    await delay(10);
  }
}

test("an executor without a lease is dead, but only to one that was steady for a whole ttl", async () => {
  const { lease, dead } = watched("a");
  await pending("gone");
  await lease.start();
  const started = performance.now();
  await until(() => dead.length > 0);
  assert.deepEqual(dead, ["gone"]);
  assert.ok(performance.now() - started >= ttlMs * 0.9, "it was declared dead within the grace time");
  await lease.stop();
});

test("an executor that renews is left alone, and a stopped one leaves no row", async () => {
  const [one, two] = [watched("one"), watched("two")];
  await one.lease.start();
  await two.lease.start();
  await pending("two");
  await delay(ttlMs * 3);
  assert.equal(one.dead.length, 0);
  await two.lease.stop();
  assert.equal(two.lease.isHeld(), false);
  await until(() => one.dead.includes("two"));
  await one.lease.stop();
});

test("who cannot renew holds nothing, lets no step start, and is told when it is over", async () => {
  const { lease, events, dead } = watched("cut off");
  await lease.start();
  await pool.query("alter table executor_lease rename to hidden");
  await until(() => events.some(({ kind }) => kind === "lapsed"));
  assert.equal(lease.isHeld(), false);
  await pending("somebody");
  const held = lease.whenHeld();
  await pool.query("alter table hidden rename to executor_lease");
  await held;
  assert.equal(lease.lapses(), 1);
  assert.equal(dead.length, 0, "somebody was declared dead right after an outage");
  await until(() => dead.includes("somebody"));
  await lease.stop();
});
