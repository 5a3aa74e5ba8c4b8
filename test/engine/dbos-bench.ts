import { setTimeout as delay } from "node:timers/promises";
import { DBOS } from "@dbos-inc/dbos-sdk";
import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import { shiftedClock, systemClock, type Clock } from "#runtime/clock.ts";
import { migrate } from "#store/migrate.ts";
import { createPool, execute, query, sql, transaction } from "#store/sql.ts";
import { freshDatabase, type TestDatabase } from "#test/support/postgres.ts";
import { createDbosEngine, type DbosEngine } from "#workflows/engine/dbos.ts";
import { silentLog } from "#workflows/engine/log.ts";
import { migrateEngine } from "#workflows/engine/schema.ts";
import { environments, samplesOf } from "./samples.ts";

/** A transaction is its connection here; a product would wrap it. */
export type PgTx = PoolClient;

export interface DbosBench {
  readonly engine: DbosEngine<PgTx>;
  readonly pool: Pool;
  readonly database: TestDatabase;
  readonly clock: Clock;
  readonly advance: (by: Temporal.Duration) => void;
  readonly effects: { readonly name: string; readonly key: string }[];
  readonly rows: () => Promise<readonly string[]>;
  readonly idle: (id: string) => Promise<void>;
  readonly result: (id: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

export async function migrated(database: TestDatabase): Promise<Pool> {
  const pool = createPool(database.connectionString, { max: 8, name: "engine-test" });
  const outcome = await migrate(pool, { engine: migrateEngine });
  if (!outcome.ok) throw new Error(outcome.error.message);
  await pool.query("create table if not exists effect_row (position serial primary key, name text not null)");
  return pool;
}

export const insertRow = async (tx: PgTx, name: string): Promise<void> => {
  await execute(tx, sql`insert into effect_row (name) values (${name})`);
};

const nameRow = z.object({ name: z.string() });
const quietMs = 300;
const giveUpMs = 20_000;

export async function dbosBench(): Promise<DbosBench> {
  const database = await freshDatabase();
  const pool = await migrated(database);
  let shift = Temporal.Duration.from({ seconds: 0 });
  const clock = shiftedClock(systemClock, () => shift);
  const engine = await createDbosEngine<PgTx>({
    connectionString: database.connectionString,
    bind: (client) => client,
    clientOf: (tx) => tx,
    queues: ["runs", environments],
    clock,
    log: silentLog,
    ttlMs: 2_000,
    queuePollMs: 50,
  });
  const effects: DbosBench["effects"] = [];
  const samples = samplesOf<PgTx>({ effect: async (name, key) => void effects.push({ name, key }), insert: insertRow });
  for (const workflow of Object.values(samples)) engine.register<never, unknown>(workflow);
  await engine.launch();
  return {
    engine,
    pool,
    database,
    clock,
    advance: (by) => {
      shift = shift.add(by);
    },
    effects,
    rows: async () =>
      (await query(pool, sql`select name from effect_row order by position`, nameRow)).map(({ name }) => name),
    idle: (id) => idle(engine, id),
    result: (id) => result(engine, id),
    close: async () => {
      await engine.stop();
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Nothing was recorded for a while: the only signal that a run gives when it waits. */
async function idle(engine: DbosEngine<PgTx>, id: string): Promise<void> {
  for (let last = ""; ; await delay(quietMs)) {
    const run = await engine.inspect(id);
    const now = JSON.stringify(run === null ? null : [run.status, run.history]);
    if (now === last) return;
    last = now;
  }
}

async function result(engine: DbosEngine<PgTx>, id: string): Promise<unknown> {
  for (let waited = 0; waited < giveUpMs; waited += 20) {
    const run = await engine.inspect(id);
    if (run?.status === "done" || run?.status === "failed") return DBOS.retrieveWorkflow(id).getResult();
    await delay(20);
  }
  throw new Error(`run ${id} did not end within ${giveUpMs} ms: ${JSON.stringify(await engine.inspect(id))}`);
}

export function transactOn(pool: Pool): <T>(body: (tx: PgTx) => Promise<T>) => Promise<T> {
  return (body) => transaction(pool, body);
}
