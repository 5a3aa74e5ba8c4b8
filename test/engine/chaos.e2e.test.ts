import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { DBOSClient } from "@dbos-inc/dbos-sdk";
import type { Pool } from "pg";
import { z } from "zod";
import { startEmbedded, type EmbeddedServer } from "#runtime/postgres/embedded.ts";
import { query, queryOne, sql, transaction } from "#store/sql.ts";
import { freshDatabase, type TestDatabase } from "#test/support/postgres.ts";
import { createStarter } from "#workflows/engine/starter.ts";
import { silentLog } from "#workflows/engine/log.ts";
import type { FlowStarter } from "#workflows/flow.ts";
import { migrated, type PgTx } from "./dbos-bench.ts";

/*
 * Real processes, real signals. Three ledgers are compared: what was asked for, what the workers did (a file), what the
 * database holds. Each test also asserts that its fault happened in the middle of the work.
 */

const runs = 20;
const steps = 5;
const stepMs = 120;
const ttlMs = 1_500;
const script = fileURLToPath(new URL("chaos-worker.ts", import.meta.url));

interface Worker {
  readonly process: ChildProcess;
  readonly events: { readonly kind: string }[];
}

let directory: string;
let ledger: string;
let database: TestDatabase;
let pool: Pool;
let client: DBOSClient;
let starter: FlowStarter<PgTx>;
let workers: Worker[] = [];

before(() => {
  directory = mkdtempSync(join(tmpdir(), "chaos-"));
});
afterEach(close);
after(() => rmSync(directory, { recursive: true, force: true }));
beforeEach((context) => {
  workers = [];
  ledger = join(directory, `${context.name.replaceAll(/\W+/g, "-")}.txt`);
  writeFileSync(ledger, "");
});

async function open(of: TestDatabase): Promise<void> {
  database = of;
  pool = await migrated(database);
  ({ client, starter } = await createStarter<PgTx>({
    connectionString: database.connectionString,
    pool,
    clientOf: (tx) => tx,
    log: silentLog,
  }));
}

async function close(): Promise<void> {
  for (const worker of workers) {
    if (worker.process.exitCode !== null || worker.process.signalCode !== null) continue;
    worker.process.kill("SIGKILL");
    await once(worker.process, "exit");
  }
  await client.destroy();
  await pool.end();
  await database[Symbol.asyncDispose]();
}

async function startWorker(): Promise<Worker> {
  const child = spawn(process.execPath, [script, database.connectionString, ledger, String(ttlMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const worker: Worker = { process: child, events: [] };
  const kind = z.looseObject({ kind: z.string() });
  createInterface({ input: child.stdout }).on("line", (line) => worker.events.push(kind.parse(JSON.parse(line))));
  workers.push(worker);
  await until(() => worker.events.some((event) => event.kind === "ready"), 15_000);
  return worker;
}

async function until(done: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const start = performance.now();
  while (!(await done())) {
    assert.ok(performance.now() - start < withinMs, `did not happen within ${withinMs} ms`);
    await delay(20);
  }
  return performance.now() - start;
}

/** One after the other: a worker claims all that is there when it looks, and both are to have some. */
async function startRuns(): Promise<void> {
  for (let number = 1; number <= runs; number += 1) {
    const id = `run-${number}`;
    const run = { workflow: "work", id, input: { name: id, steps, stepMs }, place: { queue: "runs", key: id } };
    await transaction(pool, (tx) => starter.start(tx, run));
    await delay(stepMs / 8);
  }
}

const lines = () =>
  readFileSync(ledger, "utf8")
    .trim()
    .split("\n")
    .filter((line) => line !== "");
const countRow = z.object({ n: z.coerce.number() });
const doneCount = async () =>
  (await queryOne(pool, sql`select count(*) as n from dbos.workflow_status where status = 'SUCCESS'`, countRow))?.n ??
  0;
const stateRow = z.object({
  id: z.string(),
  status: z.string(),
  executor: z.string().nullable(),
  error: z.string().nullable(),
});

/** Every run has ended well; a run that ends badly, or not in time, is shown. */
async function allDone(withinMs: number): Promise<number> {
  const start = performance.now();
  for (;;) {
    const unfinished = await query(
      pool,
      sql`select w.workflow_uuid as id, w.status, w.executor_id as executor, coalesce(o.error, w.error) as error
          from dbos.workflow_status w left join dbos.workflow_output o using (workflow_uuid) where w.status <> 'SUCCESS'`,
      stateRow,
    ).catch(() => null);
    if (unfinished?.length === 0) return performance.now() - start;
    const isLost = unfinished?.some(({ status }) => status === "ERROR") === true;
    if (isLost || performance.now() - start > withinMs) assert.deepEqual(unfinished, []);
    await delay(20);
  }
}

/** Both workers are in the middle of their work. */
async function midway(): Promise<void> {
  await until(() => {
    const pids = new Set(lines().map((line) => line.split(" ")[3]));
    return pids.size === workers.length && lines().length >= runs * 2;
  }, 15_000);
  assert.ok((await doneCount()) < runs, "the fault would come after the work");
}

/** Plain steps at least once, and doubled only where in flight; rows exactly once; every key has one step. */
async function assertLedgers(maxDoubled: number): Promise<number> {
  const done = lines().map((line) => line.split(" ").slice(0, 3).join(" "));
  const distinct = new Set(done);
  assert.equal(distinct.size, runs * steps);
  assert.equal(new Set(done.map((line) => line.split(" ")[2])).size, runs * steps, "a key stands for two steps");
  const doubled = done.length - distinct.size;
  assert.ok(doubled <= maxDoubled, `${doubled} plain steps were repeated`);
  const name = z.object({ name: z.string() });
  const rows = (await query(pool, sql`select name from effect_row`, name)).map((row) => row.name);
  assert.equal(rows.length, runs * steps, "a transaction was lost or doubled");
  assert.equal(new Set(rows).size, runs * steps);
  return doubled;
}

test("kill -9 of one of two workers: the other finishes everything", async (context) => {
  await open(await freshDatabase());
  const [victim, other] = [await startWorker(), await startWorker()];
  await startRuns();
  await midway();
  victim.process.kill("SIGKILL");
  const took = await until(() => other.events.some(({ kind }) => kind === "took-over"), ttlMs * 3);
  await allDone(30_000);
  const doubled = await assertLedgers(runs);
  context.diagnostic(
    `taken over after ${Math.round(took)} ms at a ttl of ${ttlMs} ms; ${doubled} plain steps repeated`,
  );
});

test("a frozen worker is replaced, and after thawing it does no harm", async (context) => {
  await open(await freshDatabase());
  const [frozen, other] = [await startWorker(), await startWorker()];
  await startRuns();
  await midway();
  frozen.process.kill("SIGSTOP");
  // Frozen inside a transaction it holds its rows for two ttl more, until the server ends that session.
  await until(() => other.events.some(({ kind }) => kind === "took-over"), ttlMs * 6);
  assert.ok(!other.events.some(({ kind }) => kind === "lapsed"), "the healthy worker lost its lease as well");
  await allDone(30_000);
  frozen.process.kill("SIGCONT");
  await until(() => frozen.events.some(({ kind }) => kind === "renewed"), 10_000);
  const seen = lines().length;
  await delay(stepMs * 5);
  assert.equal(lines().length, seen, "the thawed worker began a step");
  const doubled = await assertLedgers(runs);
  context.diagnostic(`${doubled} plain steps repeated`);
  assert.equal(frozen.process.exitCode, null, "the thawed worker died");
});

test("a worker that stops in order hands its runs over at once", async (context) => {
  await open(await freshDatabase());
  const [leaving] = [await startWorker(), await startWorker()];
  await startRuns();
  await midway();
  leaving.process.kill("SIGTERM");
  await once(leaving.process, "exit");
  const took = await allDone(30_000);
  assert.equal(await assertLedgers(0), 0);
  context.diagnostic(`everything was done ${Math.round(took)} ms after the exit`);
});

test("kill -9 of PostgreSQL: no worker dies, nothing fails, nothing is doubled", async (context) => {
  const stateDir = join(tmpdir(), `tidegate-chaos-${process.pid}`);
  const server = await ownServer(stateDir);
  const dispose = async () => {
    await server.stop();
    rmSync(stateDir, { recursive: true });
  };
  await open({ connectionString: server.connectionString, [Symbol.asyncDispose]: dispose });
  const [one, two] = [await startWorker(), await startWorker()];
  await startRuns();
  await midway();
  process.kill(server.pid, "SIGKILL");
  const took = await allDone(60_000);
  await assertLedgers(0);
  assert.deepEqual([one.process.exitCode, two.process.exitCode], [null, null], "a worker died of the outage");
  const takeovers = [...one.events, ...two.events].filter(({ kind }) => kind === "took-over");
  assert.deepEqual(takeovers, [], "an outage of the store was taken for the death of a worker");
  context.diagnostic(`everything was done ${Math.round(took)} ms after the kill`);
});

async function ownServer(stateDir: string): Promise<EmbeddedServer> {
  const started = await startEmbedded({ stateDir });
  assert.ok(started.ok, started.ok ? "" : started.error.message);
  return started.value;
}
