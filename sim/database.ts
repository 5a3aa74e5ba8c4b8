import type { Pool, PoolClient } from "pg";
import { createPool } from "#store/sql.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import type { Line, Process, Scheduler } from "./scheduler.ts";

/*
 * The real PostgreSQL. Each statement is a turn, so transactions of several processes stand open beside each other and
 * meet as they would: conflicts, waits for locks and deadlocks are the server's own. A connection that is lost is rolled
 * back by the server before anything else happens. One database serves seed after seed, because a server that has read
 * its catalogues is ten times faster; before each seed its tables are made anew, down to their files and counters.
 */

export interface SimDatabase {
  /** For the processes of the world. */
  readonly pool: Pool;
  /** Past all faults and turns: what is really there. `name` of a statement that comes again and again. */
  readonly look: <Row>(
    text: string,
    values: readonly unknown[],
    read: (row: unknown) => Row,
    name?: string,
  ) => Promise<readonly Row[]>;
  /** Ends the connections of a process that is no more. */
  readonly onCrash: (process: Process) => Promise<void>;
  /** A server ends a transaction that stands idle for too long; the process learns of it when it goes on. */
  readonly endIdle: (process: Process) => Promise<number>;
  /** Ends what is still open. */
  readonly close: () => Promise<void>;
}

export interface Store {
  /** As it was after it had been filled; the turns are asked of this scheduler. */
  readonly begin: (scheduler: Scheduler) => Promise<SimDatabase>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** `fill` gets an empty database and leaves in it what every seed begins with. */
export async function openStore(fill: (pool: Pool) => Promise<void>): Promise<Store> {
  const made = await freshDatabase();
  const filling = createPool(made.connectionString, { max: 4, name: "tidegate sim" });
  await fill(filling);
  await filling.query(keepAll);
  await filling.end();
  const monitor = createPool(made.connectionString, { max: 1, name: "tidegate sim monitor" });
  await monitor.query(
    "set session_replication_role = replica; set synchronous_commit = off; set client_min_messages = warning",
  );
  let current: Scheduler | null = null;
  const turns = (): Scheduler => {
    if (current === null) throw new Error("no seed is being run");
    return current;
  };
  const wires = new Map<PoolClient, Wire>();
  const pool = worldPool(made.connectionString, turns, monitor, wires);
  return {
    begin: async (scheduler) => {
      await monitor.query("select kept.restore()");
      current = scheduler;
      return databaseOf(pool, monitor, wires);
    },
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await monitor.end();
      await made[Symbol.asyncDispose]();
    },
  };
}

/**
 * Copies of all that is there, and a function that brings it back. Nothing of the server's own housekeeping may come
 * between two seeds, so tables are not vacuumed meanwhile.
 */
const keepAll = `
  create schema kept;
  create table kept.filled (name text, has_rows boolean, copy text);
  create table kept.counters (name text, value bigint, is_called boolean);
  do $$ declare t record; filled boolean; n integer := 0; begin
    for t in select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname in ('public', 'sim', 'simulated') and tablename <> 'schema_migration' loop
      n := n + 1;
      execute format('alter table %s set (autovacuum_enabled = false)', t.name);
      execute format('select exists (select from %s)', t.name) into filled;
      if filled then execute format('create table kept.t%s as select * from %s', n, t.name); end if;
      insert into kept.filled values (t.name, filled, format('kept.t%s', n));
    end loop;
    for t in select format('%I.%I', schemaname, sequencename) as name from pg_sequences
        where schemaname in ('public', 'sim') loop
      execute format('insert into kept.counters select %L, last_value, is_called from %s', t.name, t.name);
    end loop;
  end $$;
  create function kept.restore() returns void language plpgsql as $$ declare t record; used boolean; begin
    for t in select * from kept.filled loop
      used := t.has_rows;
      if not used then execute format('select exists (select from %s)', t.name) into used; end if;
      if used then execute format('truncate %s cascade', t.name); end if;
    end loop;
    for t in select * from kept.filled where has_rows loop
      execute format('insert into %s overriding system value select * from %s', t.name, t.copy);
    end loop;
    perform setval(name, value, is_called) from kept.counters;
  end $$;`;

/** A connection of the pool as this world sees it. */
interface Wire {
  readonly client: PoolClient;
  readonly raw: (text: string) => Promise<unknown>;
  readonly pid: number;
  process: Process | null;
  inFlight: number;
  isLost: boolean;
}

const connections = 40;

function worldPool(
  connectionString: string,
  turns: () => Scheduler,
  monitor: Pool,
  wires: Map<PoolClient, Wire>,
): Pool {
  const pool = createPool(connectionString, { max: connections, name: "tidegate sim" });
  const connect = pool.connect.bind(pool);
  pool.on("remove", (client) => void wires.delete(client));
  pool.on("release", (_error, client) => {
    const wire = wires.get(client);
    if (wire !== undefined) wire.process = null;
  });
  // Taking a connection is a turn: it may have to be made.
  const take = (): Promise<PoolClient> => {
    const process = turns().current()?.process ?? null;
    return turns().turn("connect", async () => {
      const client = await connect();
      const wire = wires.get(client) ?? (await wireOf(client, turns, monitor));
      wires.set(client, wire);
      wire.process = process;
      return client;
    });
  };
  Object.defineProperty(pool, "connect", { value: take });
  Object.defineProperty(pool, "query", {
    value: async (...given: readonly unknown[]) => {
      const client = await take();
      try {
        const query: unknown = Reflect.get(client, "query");
        return typeof query === "function" ? await Reflect.apply(query, client, given) : undefined;
      } finally {
        client.release(wires.get(client)?.isLost);
      }
    },
  });
  return pool;
}

function databaseOf(pool: Pool, monitor: Pool, wires: ReadonlyMap<PoolClient, Wire>): SimDatabase {
  const of = (process: Process): readonly Wire[] => [...wires.values()].filter((one) => one.process === process);
  return {
    pool,
    look: async (text, values, read, name) => {
      const found = await monitor.query({ text, values: [...values], ...(name === undefined ? {} : { name }) });
      // Several statements at once have several results, of which nobody wants the rows.
      return Array.isArray(found) ? [] : found.rows.map((row: unknown) => read(row));
    },
    onCrash: async (process) => {
      for (const wire of of(process)) {
        await end(wire, monitor);
        wire.client.release(wire.isLost);
      }
    },
    endIdle: async (process) => {
      const idle = of(process).filter(({ inFlight, isLost }) => inFlight === 0 && !isLost);
      for (const wire of idle) await lose(wire);
      return idle.length;
    },
    close: async () => {
      for (const wire of [...wires.values()].filter((one) => one.process !== null)) {
        await end(wire, monitor);
        wire.client.release(wire.isLost);
      }
    },
  };
}

async function wireOf(client: PoolClient, scheduler: () => Scheduler, monitor: Pool): Promise<Wire> {
  const query = client.query.bind(client);
  const raw = async (text: string): Promise<unknown> => await query(text);
  // A server of the world below never waits for its disk: nothing here ends the server.
  await raw(
    "set synchronous_commit = off; set deadlock_timeout = '1ms'; set lock_timeout = 0; set statement_timeout = 0; set search_path = simulated, pg_catalog, public",
  );
  const found: { readonly rows: readonly { readonly pid: number }[] } = await query("select pg_backend_pid() as pid");
  const wire: Wire = { client, raw, pid: found.rows[0]?.pid ?? 0, process: null, inFlight: 0, isLost: false };
  const line: Line = { isBlocked: () => isBlocked(monitor, wire.pid), lose: () => lose(wire) };
  Object.defineProperty(client, "query", {
    value: async (...given: readonly unknown[]) => {
      const effect = async (): Promise<unknown> => {
        if (wire.isLost) throw lost();
        wire.inFlight++;
        try {
          return await Reflect.apply(query, client, given);
        } finally {
          wire.inFlight--;
        }
      };
      if (wire.isLost) throw lost();
      return await scheduler().turn(labelOf(given[0]), effect, line);
    },
  });
  return wire;
}

/** In the words by which the product knows a lost connection. */
function lost(): Error {
  return new Error("Connection terminated unexpectedly");
}

async function lose(wire: Wire): Promise<Error> {
  if (!wire.isLost) await wire.raw("rollback");
  wire.isLost = true;
  return lost();
}

/** As a server does when its client is gone: what waits for a lock is ended, what is open is rolled back. */
async function end(wire: Wire, monitor: Pool): Promise<void> {
  if (wire.isLost) return;
  if (wire.inFlight > 0) {
    await monitor.query("select pg_terminate_backend($1, 10000)", [wire.pid]);
    wire.isLost = true;
  } else await wire.raw("rollback");
}

/** A circle of those who wait for each other is the server's to break: nobody in it counts as blocked. */
async function isBlocked(monitor: Pool, pid: number): Promise<boolean> {
  const found: { readonly rows: readonly { readonly blocked: boolean }[] } = await monitor.query(
    `with recursive waits as (
       select unnest(pg_blocking_pids($1)) as pid
       union select unnest(pg_blocking_pids(waits.pid)) from waits)
     select count(*) > 0 and not coalesce(bool_or(pid = $1), false) as blocked from waits`,
    [pid],
  );
  return found.rows[0]?.blocked ?? false;
}

function labelOf(statement: unknown): string {
  const isQuery = typeof statement === "object" && statement !== null && "text" in statement;
  const text = typeof statement === "string" ? statement : isQuery ? String(statement.text) : "?";
  return text.replaceAll(/\s+/g, " ").trim().slice(0, 60);
}
