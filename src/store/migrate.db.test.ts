import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import type { Pool } from "pg";
import { migrate } from "#store/migrate.ts";
import { createPool } from "#store/sql.ts";
import { freshDatabase, type TestDatabase } from "#test/support/postgres.ts";

let directory: string;
let database: TestDatabase;
let pool: Pool;

before(() => {
  directory = mkdtempSync(join(tmpdir(), "migrate-"));
});
beforeEach(async () => {
  database = await freshDatabase();
  pool = createPool(database.connectionString, { max: 4, name: "migrate-test" });
  for (const name of ["0001-a.sql", "0002-b.sql", "0003-c.sql"]) rmSync(join(directory, name), { force: true });
  write("0001-a.sql", "create table a (id int); insert into a values (1);");
});
after(() => rmSync(directory, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(directory, name), text);

async function close(): Promise<void> {
  await pool.end();
  await database[Symbol.asyncDispose]();
}

test("files are applied once, in the order of their names", async () => {
  write("0002-b.sql", "insert into a values (2);");
  assert.deepEqual(await migrate(pool, { directory }), { ok: true, value: ["0001-a.sql", "0002-b.sql"] });
  assert.deepEqual(await migrate(pool, { directory }), { ok: true, value: [] });
  await close();
});

test("processes that start together apply every file once", async () => {
  const results = await Promise.all([1, 2, 3].map(() => migrate(pool, { directory })));
  const applied = results.flatMap((result) => (result.ok ? result.value : ["refused"]));
  assert.deepEqual(applied, ["0001-a.sql"]);
  await close();
});

test("an edited file is refused by its name", async () => {
  await migrate(pool, { directory });
  write("0001-a.sql", "create table a (id bigint);");
  const again = await migrate(pool, { directory });
  assert.ok(!again.ok);
  assert.equal(again.error.code, "edited");
  assert.match(again.error.message, /0001-a\.sql was edited/);
  await close();
});

test("a failing file leaves nothing behind and names itself", async () => {
  write("0002-b.sql", "create table b (id int); select 1/0;");
  const result = await migrate(pool, { directory });
  assert.ok(!result.ok);
  assert.match(result.error.message, /0002-b\.sql failed and was rolled back: division by zero/);
  assert.deepEqual((await pool.query("select to_regclass('b') as b")).rows, [{ b: null }]);
  await close();
});

test("a gap in the middle is refused, a newer version's file is not", async () => {
  write("0002-b.sql", "select 2;");
  write("0003-c.sql", "select 3;");
  await migrate(pool, { directory });
  rmSync(join(directory, "0003-c.sql"));
  assert.deepEqual(await migrate(pool, { directory }), { ok: true, value: [] });
  write("0003-c.sql", "select 3;");
  rmSync(join(directory, "0002-b.sql"));
  const gap = await migrate(pool, { directory });
  assert.ok(!gap.ok);
  assert.equal(gap.error.code, "missing");
  await close();
});

test("a table that somebody else holds stops the migration instead of everybody", async () => {
  await migrate(pool, { directory });
  write("0002-b.sql", "alter table a add column more int;");
  const holder = await pool.connect();
  await holder.query("begin; lock table a");
  const result = await migrate(pool, { directory });
  await holder.query("rollback");
  holder.release();
  assert.ok(!result.ok);
  assert.match(result.error.message, /lock timeout/);
  await close();
});
