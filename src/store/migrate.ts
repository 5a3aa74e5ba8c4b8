import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DatabaseError, type Pool, type PoolClient } from "pg";
import { z } from "zod";
import { err, ok, type Result } from "#core/result.ts";
import { execute, query, queryOne, sql } from "#store/sql.ts";

/** Why the schema was left as it is; `message` names the file and says what to do. */
export interface MigrationFailure {
  readonly code: "edited" | "missing" | "failed" | "busy";
  readonly message: string;
}

export interface MigrateOptions {
  /** Folder of `*.sql`, run in the order of their names; default: the one beside this file. */
  readonly directory?: string;
  /** Schema of the durable engine, migrated first and under the same lock. */
  readonly engine?: (client: PoolClient) => Promise<void>;
}

interface Migration {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

const ownDirectory = fileURLToPath(new URL("migrations", import.meta.url));
const lockKey = 7_117_000;
const lockWaitMs = 60_000;
const lockPollMs = 100;
/** A migration waits this long for a table at most: while it waits, everybody behind it waits too. */
const tableLockMs = 5_000;

/**
 * Brings the schema forward; the names of the files that were applied. Files are never edited: each is stored with its
 * checksum, and a difference is refused. Files that a newer version has applied are left alone.
 */
export async function migrate(
  pool: Pool,
  options: MigrateOptions = {},
): Promise<Result<readonly string[], MigrationFailure>> {
  const client = await pool.connect();
  try {
    // Migrations may build indexes for longer than any statement of the product may take.
    await client.query("set statement_timeout = 0");
    if (!(await takeLock(client))) {
      const message = `Another process has been migrating the database for more than ${lockWaitMs / 1000} s. Wait for it to end, or end its session, and start again.`;
      return err({ code: "busy", message });
    }
    await options.engine?.(client);
    return await applyAll(client, readMigrations(options.directory ?? ownDirectory));
  } finally {
    // Closing the session gives the lock back and forgets its settings.
    client.release(true);
  }
}

/** Asks again and again instead of waiting in one statement, whose snapshot would block a concurrent index build. */
async function takeLock(client: PoolClient): Promise<boolean> {
  for (let waited = 0; waited <= lockWaitMs; waited += lockPollMs) {
    const taken = z.object({ taken: z.boolean() });
    const row = await queryOne(client, sql`select pg_try_advisory_lock(${lockKey}) as taken`, taken);
    if (row?.taken === true) return true;
    await delay(lockPollMs);
  }
  return false;
}

function readMigrations(directory: string): readonly Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => {
      const text = readFileSync(join(directory, name), "utf8");
      return { name, text, checksum: createHash("sha256").update(text).digest("hex") };
    });
}

const appliedRow = z.object({ name: z.string(), checksum: z.string() });

async function applyAll(
  client: PoolClient,
  migrations: readonly Migration[],
): Promise<Result<readonly string[], MigrationFailure>> {
  await client.query(`create table if not exists schema_migration (
    name text primary key, checksum text not null, applied_at timestamptz not null default now())`);
  const applied = await query(client, sql`select name, checksum from schema_migration order by name`, appliedRow);
  const refusal = compare(applied, migrations);
  if (refusal !== null) return err(refusal);
  const done = new Set(applied.map(({ name }) => name));
  const names: string[] = [];
  for (const migration of migrations.filter(({ name }) => !done.has(name))) {
    const failure = await apply(client, migration);
    if (failure !== null) return err(failure);
    names.push(migration.name);
  }
  return ok(names);
}

/** Null if what the database has seen is what the folder holds, apart from files newer than the newest of the folder. */
function compare(
  applied: readonly { readonly name: string; readonly checksum: string }[],
  migrations: readonly Migration[],
): MigrationFailure | null {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const newest = migrations.at(-1)?.name ?? "";
  for (const { name, checksum } of applied) {
    const file = known.get(name);
    if (file === undefined && name <= newest) {
      const message = `The database has migration ${name}, but this version has no such file. Start the version that applied it, or a later one.`;
      return { code: "missing", message };
    }
    if (file !== undefined && file.checksum !== checksum) {
      const message = `The migration ${name} was edited after it had been applied. Restore the file and put the change into a new one.`;
      return { code: "edited", message };
    }
  }
  return null;
}

async function apply(client: PoolClient, { name, text, checksum }: Migration): Promise<MigrationFailure | null> {
  try {
    await client.query("begin");
    await client.query(`set local lock_timeout = ${tableLockMs}`);
    await client.query(text);
    await execute(client, sql`insert into schema_migration (name, checksum) values (${name}, ${checksum})`);
    await client.query("commit");
    return null;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    await client.query("rollback");
    const message = `The migration ${name} failed and was rolled back: ${error.message}. Mend the cause and start again.`;
    return { code: "failed", message };
  }
}
