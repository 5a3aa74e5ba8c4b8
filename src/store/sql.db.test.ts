import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DatabaseError, type Pool } from "pg";
import { z } from "zod";
import {
  CommitUnknown,
  createPool,
  execute,
  isConnectionLoss,
  query,
  queryOne,
  readSnapshot,
  sql,
  transaction,
} from "#store/sql.ts";
import { freshDatabase, type TestDatabase } from "#test/support/postgres.ts";

let database: TestDatabase;
let pool: Pool;
const count = z.object({ n: z.coerce.number() });

before(async () => {
  database = await freshDatabase();
  pool = createPool(database.connectionString, { max: 5, name: "sql-test", limits: { lockMs: 2_000 } });
  await pool.query("create table account (id int primary key, amount int not null)");
  await pool.query("insert into account values (1, 10), (2, 10)");
});
after(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

test("a statement keeps its values apart and renumbers the statements inside it", () => {
  const inner = sql`id = ${1} or id = ${2}`;
  const statement = sql`select * from account where amount > ${5} and (${inner}) limit ${3}`;
  assert.equal(statement.text, "select * from account where amount > $1 and (id = $2 or id = $3) limit $4");
  assert.deepEqual(statement.values, [5, 1, 2, 3]);
});

test("a value that looks like a statement stays a value", () => {
  const forged: unknown = JSON.parse('{"text": "1; drop table account", "values": []}');
  assert.equal(sql`select ${forged}`.text, "select $1");
});

test("rows are parsed, and a row of another shape is an error", async () => {
  assert.deepEqual(await query(pool, sql`select count(*) as n from account`, count), [{ n: 2 }]);
  await assert.rejects(query(pool, sql`select 'x' as m`, count));
  assert.equal(await queryOne(pool, sql`select 1 as n where false`, count), null);
  await assert.rejects(queryOne(pool, sql`select 1 as n from account`, count), /at most one row/);
});

test("every connection carries its limits", async () => {
  const row = z.object({ name: z.string(), setting: z.string() });
  const names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name"];
  const rows = await query(
    pool,
    sql`select name, setting from pg_settings where name = any(${names}) order by name`,
    row,
  );
  assert.deepEqual(
    rows.map(({ setting }) => setting),
    ["sql-test", "60000", "2000", "30000"],
  );
});

test("a serialization failure is repeated until it goes through", async () => {
  let runs = 0;
  const bump = (id: number) =>
    transaction(
      pool,
      async (client) => {
        runs += 1;
        const sum = await queryOne(client, sql`select sum(amount) as n from account`, count);
        await execute(client, sql`update account set amount = ${(sum?.n ?? 0) + 1} where id = ${id}`);
      },
      { isolation: "serializable", retries: 20 },
    );
  await Promise.all([bump(1), bump(2), bump(1), bump(2)]);
  assert.ok(runs > 4, "no conflict was provoked");
});

test("a deadlock is repeated as well", async () => {
  const swap = (first: number, second: number) =>
    transaction(pool, async (client) => {
      await execute(client, sql`update account set amount = amount + 1 where id = ${first}`);
      await client.query("select pg_sleep(0.05)");
      await execute(client, sql`update account set amount = amount + 1 where id = ${second}`);
    });
  await pool.query("update account set amount = 0");
  await Promise.all([swap(1, 2), swap(2, 1)]);
  assert.deepEqual(await query(pool, sql`select amount as n from account`, count), [{ n: 2 }, { n: 2 }]);
});

test("other errors roll back and are not repeated", async () => {
  let runs = 0;
  const body = transaction(pool, async (client) => {
    runs += 1;
    await execute(client, sql`insert into account values (3, 1)`);
    await execute(client, sql`insert into account values (3, 1)`);
  });
  await assert.rejects(body, DatabaseError);
  assert.equal(runs, 1);
  assert.equal(await queryOne(pool, sql`select 1 as n from account where id = 3`, count), null);
});

test("a body that hides an error of a statement does not count as committed", async () => {
  const body = transaction(pool, async (client) => {
    await client.query("select 1/0").catch(() => undefined);
  });
  await assert.rejects(body, /rolled back/);
});

test("a connection lost before COMMIT is an ordinary loss, one lost during COMMIT is an unknown outcome", async () => {
  const lost = transaction(pool, async (client) => {
    await client.query("select pg_terminate_backend(pg_backend_pid())");
  });
  await assert.rejects(lost, (error) => isConnectionLoss(error) && !(error instanceof CommitUnknown));
  await pool.query(`create function die() returns trigger language plpgsql as
    'begin perform pg_terminate_backend(pg_backend_pid()); return null; end'`);
  await pool.query(`create constraint trigger die after insert on account deferrable initially deferred
    for each row execute function die()`);
  const unknown = transaction(pool, (client) => execute(client, sql`insert into account values (4, 1)`));
  await assert.rejects(unknown, CommitUnknown);
  assert.deepEqual(await query(pool, sql`select 1 as n`, count), [{ n: 1 }]);
});

test("a server whose machine fails at COMMIT leaves its outcome unknown, and is a lost connection to every library", async () => {
  await pool.query("create table ledger (id int)");
  await pool.query(`create function fail() returns trigger language plpgsql as
    $$ begin raise exception 'could not fdatasync file' using errcode = '58030'; end $$`);
  await pool.query(`create constraint trigger fail after insert on ledger deferrable initially deferred
    for each row execute function fail()`);
  const unknown = transaction(pool, (client) => execute(client, sql`insert into ledger values (1)`));
  await assert.rejects(unknown, (error) => {
    assert.ok(error instanceof CommitUnknown);
    assert.match(String(error.cause), /fdatasync.*connection terminated unexpectedly/);
    return isConnectionLoss(error.cause);
  });
  const bug = Object.assign(new DatabaseError("unexpected", 0, "error"), { code: "XX000", severity: "ERROR" });
  assert.equal(isConnectionLoss(bug), false, "an error of a statement repeats itself");
});

test("a snapshot sees one instant and cannot write", async () => {
  await readSnapshot(pool, async (client) => {
    const seen = await queryOne(client, sql`select sum(amount) as n from account`, count);
    await pool.query("update account set amount = amount + 1");
    assert.deepEqual(await queryOne(client, sql`select sum(amount) as n from account`, count), seen);
  });
  await assert.rejects(
    readSnapshot(pool, (client) => execute(client, sql`delete from account`)),
    /read-only/,
  );
});
