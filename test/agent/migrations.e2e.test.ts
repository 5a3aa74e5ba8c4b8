import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { Pool } from "pg";
import { digestOf, readFleet } from "#agent/fleet.ts";
import { agentCommander } from "#connectors/agent/commander.ts";
import type { CommandState, Commander } from "#connectors/port.ts";
import { openAgent, until, type AgentBench } from "#test/agent/bench.ts";
import { freshDatabase, type TestDatabase } from "#test/support/postgres.ts";

/* Scripts that come with a version, applied by a real agent to a real PostgreSQL. */

const target = { environment: "staging", service: "cart" };
const patienceMs = 60_000;

let database: TestDatabase;
let pool: Pool;
let bench: AgentBench;
let commander: Commander;
let keys = 0;

before(async () => {
  database = await freshDatabase();
  pool = new Pool({ connectionString: database.connectionString, max: 3 });
  bench = await openAgent({
    settings: (folder) => {
      writeFileSync(join(folder, "shop-address"), `${database.connectionString}\n`, { mode: 0o600 });
      return { databases: [{ name: "shop", addressFile: "shop-address", lockWithinMs: 1_000 }] };
    },
  });
  commander = agentCommander({ url: bench.url, token: bench.token });
});
after(async () => {
  await bench.close();
  await pool.end();
  await database[Symbol.asyncDispose]();
});

/** A version with these scripts, by the names of their files. */
function publish(version: string, scripts: Readonly<Record<string, string>>): void {
  const folder = dirname(bench.fleetFile);
  const files = Object.entries(scripts).map(([name, sql]) => {
    const file = `cart/${version}/migrations/shop/${name}`;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), sql);
    return file;
  });
  const fleet = readFleet(bench.fleetFile);
  const entry = fleet.services.find(({ name }) => name === "cart");
  assert.ok(entry !== undefined);
  const program = { files: ["cart-1.0.0.ts", "kit.ts", ...files], args: [], env: {}, note: "With scripts." };
  entry.versions[version] = { ...program, digest: digestOf(folder, program) };
  writeFileSync(bench.fleetFile, JSON.stringify(fleet));
}

const newKey = (): string => `run_m:forward:${(keys += 1)}`;

async function migrate(
  version: string,
  key: string,
  change: { readonly back?: string; readonly fence?: number; readonly digest?: string } = {},
): Promise<CommandState> {
  const digest = change.digest ?? bench.digestOf("cart", version);
  const direction = change.back === undefined ? "up" : "back";
  const work = {
    kind: "migration",
    database: "shop",
    version,
    digest,
    direction,
    appliedUnder: change.back ?? null,
  } as const;
  const command = { key, fence: change.fence ?? 1 };
  const begun = await commander.run({ ...target, work, withinSeconds: 300 }, command);
  assert.ok(begun.ok, JSON.stringify(begun));
  return await untilEnded(key, begun.value);
}

/** The command as it ended. */
async function untilEnded(key: string, begun: CommandState): Promise<CommandState> {
  let seen = begun;
  await until(
    `${key} has ended`,
    async () => {
      const looked = await commander.look(target, key);
      if (looked.ok) seen = looked.value;
      return seen.state !== "running";
    },
    patienceMs,
  );
  return seen;
}

const applied = async (): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ name: string }>(
    "select name from tidegate_migration where undone_at is null order by number",
  );
  return rows.map(({ name }) => name);
};
const columns = async (): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ column_name: string }>(
    "select column_name from information_schema.columns where table_name = 'orders' order by ordinal_position",
  );
  return rows.map(({ column_name: name }) => name);
};

const first = {
  "0001-orders.up.sql": "create table orders (id bigint primary key, note text not null default '')",
  "0001-orders.undo.sql": "drop table orders",
};
const second = {
  ...first,
  "0002-total.up.sql":
    "alter table orders add column total bigint; comment on column orders.total is 'in cents; always'",
  "0002-total.undo.sql": "alter table orders drop column total",
  "0003-by-total.up.sql": "-- tidegate: no-transaction\ncreate index concurrently orders_total on orders (total);",
  "0003-by-total.undo.sql": "-- tidegate: no-transaction\ndrop index concurrently orders_total",
};

test("The scripts that the ledger lacks are applied in order, each once, and a repetition finds them done", async () => {
  publish("2.0.0", first);
  publish("2.1.0", second);
  assert.equal((await migrate("2.0.0", newKey())).state, "done");
  const key = newKey();
  const ended = await migrate("2.1.0", key);
  assert.equal(ended.state, "done", ended.output.text);
  assert.match(ended.output.text, /2 of 3 scripts were applied; shop is at 0003-by-total/);
  assert.deepEqual(await applied(), ["0001-orders", "0002-total", "0003-by-total"]);
  assert.deepEqual(await columns(), ["id", "note", "total"]);
  const again = await migrate("2.1.0", newKey());
  assert.match(again.output.text, /0 of 3 scripts were applied/);
  assert.equal((await migrate("2.0.0", newKey())).state, "done", "the version before finds more than it needs");
  // What this step applied is taken back, and nothing else.
  const back = await migrate("2.1.0", newKey(), { back: key, fence: 2 });
  assert.equal(back.state, "done", back.output.text);
  assert.deepEqual([await applied(), await columns()], [["0001-orders"], ["id", "note"]]);
  const twice = await migrate("2.1.0", newKey(), { back: key, fence: 2 });
  assert.match(twice.output.text, /0 scripts were taken back/);
});

for (const [title, version, scripts, reason] of [
  [
    "that was edited after it was applied",
    "3.0.0",
    { ...first, "0001-orders.up.sql": "create table orders (id int)" },
    /What is applied is not edited/,
  ],
  [
    "that breaks the version before",
    "3.1.0",
    { ...first, "0002-x.up.sql": "alter table orders\n  drop column note", "0002-x.undo.sql": "select 1" },
    /0002-x\.up\.sql:2:3 drops-column The running version may still read orders\.note/,
  ],
  ["without an undo", "3.2.0", { ...first, "0002-x.up.sql": "select 1" }, /has no undo/],
  ["that nobody can number", "3.3.0", { ...first, "two.sql": "select 1" }, /is not named like/],
] as const) {
  test(`A script ${title} is refused, with the reason, and nothing is applied`, async () => {
    publish(version, scripts);
    const ended = await migrate(version, newKey(), { fence: 2 });
    assert.deepEqual([ended.state, ended.isPassing], ["failed", false]);
    assert.match(ended.output.text, reason);
    assert.deepEqual(await applied(), ["0001-orders"]);
  });
}

test("A script that fails leaves nothing of itself, and what was applied before it can be taken back", async () => {
  publish("4.0.0", {
    ...first,
    "0002-a.up.sql": "alter table orders add column a int",
    "0002-a.undo.sql": "alter table orders drop column a",
    "0003-b.up.sql": "alter table orders add column b int; insert into orders (id) values (1), (1)",
    "0003-b.undo.sql": "alter table orders drop column b",
  });
  const key = newKey();
  const ended = await migrate("4.0.0", key, { fence: 3 });
  assert.equal(ended.state, "failed");
  assert.match(ended.output.text, /23505 duplicate key value .*orders_pkey/);
  assert.deepEqual(
    [await applied(), await columns()],
    [
      ["0001-orders", "0002-a"],
      ["id", "note", "a"],
    ],
  );
  assert.equal((await migrate("4.0.0", newKey(), { back: key, fence: 4 })).state, "done");
  assert.deepEqual(await columns(), ["id", "note"]);
});

test("A table that somebody holds is waited for shortly, and the failure is one that may pass", async () => {
  publish("5.0.0", {
    ...first,
    "0002-c.up.sql": "alter table orders add column c int",
    "0002-c.undo.sql": "alter table orders drop column c",
  });
  const holder = await pool.connect();
  try {
    await holder.query("begin; lock table orders in access share mode");
    const ended = await migrate("5.0.0", newKey(), { fence: 5 });
    assert.deepEqual([ended.state, ended.exitCode, ended.isPassing], ["failed", 75, true]);
    assert.match(ended.output.text, /55P03/);
  } finally {
    await holder.query("rollback");
    holder.release();
  }
  assert.equal((await migrate("5.0.0", newKey(), { fence: 5 })).state, "done");
});

test("What is irreversible is applied with its reason and not taken back", async () => {
  publish("6.0.0", {
    ...first,
    "0002-c.up.sql": "alter table orders add column c int",
    "0002-c.undo.sql": "alter table orders drop column c",
    "0003-drop.up.sql":
      "-- tidegate: irreversible because the notes are gone\n-- tidegate: accept drops-column because no version reads it any more\nalter table orders drop column note",
  });
  const key = newKey();
  assert.equal((await migrate("6.0.0", key, { fence: 6 })).state, "done");
  const back = await migrate("6.0.0", newKey(), { back: key, fence: 7 });
  assert.equal(back.state, "failed");
  assert.match(back.output.text, /0003-drop is irreversible: the notes are gone/);
});

test("Scripts that are not those of the approved version are not touched, and a late number is refused", async () => {
  const work = { kind: "migration", database: "shop", version: "2.0.0", direction: "up", appliedUnder: null } as const;
  const run = (digest: string, fence: number) =>
    commander.run({ ...target, work: { ...work, digest }, withinSeconds: 60 }, { key: newKey(), fence });
  const other = await run(`sha256:${"0".repeat(64)}`, 8);
  assert.equal(!other.ok && other.error.code, "digest-mismatch");
  const late = await run(bench.digestOf("cart", "2.0.0"), 6);
  assert.equal(!late.ok && late.error.code, "stale-fence");
});

test("The address of the database, and its password, are in no file of the agent but its own", async () => {
  const { password } = new URL(database.connectionString);
  publish("7.0.0", {
    ...first,
    "0002-x.up.sql": "select 1; select nothing_of_the_kind()",
    "0002-x.undo.sql": "select 1",
  });
  const key = newKey();
  const { output } = await migrate("7.0.0", key, { fence: 9 });
  assert.ok(!output.text.includes(database.connectionString));
  if (password !== "") assert.ok(!output.text.includes(password));
  assert.ok(readFileSync(join(bench.folder, "shop-address"), "utf8").includes(database.connectionString));
});

async function digests(tables: readonly string[]): Promise<readonly string[]> {
  const key = newKey();
  const work = { kind: "data", database: "shop", tables: [...tables] } as const;
  const begun = await commander.run({ ...target, work, withinSeconds: 60 }, { key, fence: 1_000 });
  assert.ok(begun.ok, JSON.stringify(begun));
  const seen = await untilEnded(key, begun.value);
  return [seen.state, ...seen.output.text.trim().split("\n")];
}

test("Digests over rows change with a row, and neither with the order of rows nor with a column that came and went", async () => {
  await pool.query("create table seats (id bigint primary key, name text not null)");
  await pool.query("insert into seats select n, 'seat ' || n from generate_series(1, 200) n");
  const [state, known] = await digests(["seats"]);
  assert.equal(state, "done", known ?? "");
  assert.match(known ?? "", /^data seats sha256:[0-9a-f]{64} 200$/);
  await pool.query("alter table seats add column row_letter text");
  assert.notEqual((await digests(["seats"]))[1], known, "a column that is there counts");
  await pool.query("alter table seats drop column row_letter");
  await pool.query("update seats set name = name where id % 2 = 0");
  assert.equal((await digests(["seats"]))[1], known, "rows that moved are the same rows");
  await pool.query("update seats set name = 'another' where id = 7");
  assert.notEqual((await digests(["seats"]))[1], known);
  assert.deepEqual(await digests(["nowhere"]), ["failed", "There is no table nowhere."]);
});
