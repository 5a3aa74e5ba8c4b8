import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import type { Log } from "#runtime/log.ts";
import { startEmbedded, type EmbeddedEvent } from "#runtime/postgres/embedded.ts";
import { checkSettings, type ServerFacts } from "#runtime/postgres/settings.ts";
import { migrate } from "#store/migrate.ts";
import { serversIn } from "#store/servers.ts";
import { createPool } from "#store/sql.ts";
import { migrateEngine } from "#workflows/engine/schema.ts";

export interface Database {
  readonly connectionString: string;
  readonly pool: Pool;
  readonly facts: ServerFacts;
  readonly kind: "embedded" | "external";
  /** Closes our connections; the embedded server goes on, is shut down, or is left as it was found: running or not. */
  readonly close: (server: "leave" | "shut-down" | "as-found") => Promise<void>;
}

export interface DatabaseSettings {
  readonly databaseUrl: string | null;
  readonly stateDir: string;
  readonly log: Log;
}

/** 20 connections serve some thousand short transactions a second on two cores. */
const apiConnections = 20;

/** The store, safe and with the newest schema, or an error that says what to do. */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  const { log } = settings;
  const server = settings.databaseUrl === null ? await embedded(settings) : null;
  const connectionString = server?.connectionString ?? settings.databaseUrl ?? "";
  const report = (error: Error): void => log.warn({ error: error.message }, "a connection to the database broke");
  const pool = createPool(connectionString, { max: apiConnections, name: "tidegate-api", report });
  await findPrimary(pool, serversIn(connectionString).all.length);
  const checked = await checkSettings(pool);
  if (!checked.ok) {
    await pool.end();
    throw new Error(checked.error.map(({ message }) => message).join(" "));
  }
  const migrated = await migrate(pool, { engine: migrateEngine });
  if (!migrated.ok) {
    await pool.end();
    throw new Error(migrated.error.message);
  }
  if (migrated.value.length > 0) log.info({ migrations: migrated.value }, "the schema was brought forward");
  return {
    connectionString,
    pool,
    facts: checked.value,
    kind: server === null ? "external" : "embedded",
    close: async (end) => {
      await pool.end();
      if (end === "shut-down" || (end === "as-found" && server?.adopted === false)) await server?.stop();
      else server?.release();
    },
  };
}

const lookAgainMs = 500;
/** Rounds over all servers before a start gives up: a failover that takes longer is waited for by whoever restarts us. */
const rounds = 10;

/** Of several servers each is tried in turn until the primary answers; the error of the last one otherwise. */
async function findPrimary(pool: Pool, servers: number): Promise<void> {
  for (let tries = servers === 1 ? 1 : rounds * servers; ; tries--) {
    try {
      await pool.query("select 1");
      return;
    } catch (error) {
      if (tries <= 1) throw error;
      await delay(lookAgainMs);
    }
  }
}

async function embedded({ stateDir, log }: DatabaseSettings): Promise<{
  readonly connectionString: string;
  readonly adopted: boolean;
  readonly stop: () => Promise<void>;
  readonly release: () => void;
}> {
  const report = (event: EmbeddedEvent): void => log.warn({ ...event }, "the embedded PostgreSQL changed");
  const started = await startEmbedded({ stateDir, report });
  if (!started.ok) throw new Error(started.error.message);
  return started.value;
}
