import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { instant, transactionId, whole } from "./row.ts";
import { createClient, execute, query, queryOne, sql, type Queryable } from "./sql.ts";

/*
 * Events are rows that triggers write with the fact itself. They are read in the order (transaction, seq), and only
 * those of transactions older than every running one: a transaction that commits late would otherwise land behind a
 * reader's cursor and never be told. A long transaction anywhere in the server delays events; it loses none.
 */

export const eventChannel = "tidegate_event";
/** Most events one read returns. */
export const maxEventsPerRead = 1000;

/** A place in the order of events; its text is the id of the event at that place. */
export interface EventCursor {
  readonly xid: string;
  readonly seq: number;
}

export interface StoredEvent {
  /** `<xid>-<seq>`; a reader resumes after it. */
  readonly id: string;
  readonly kind: "deployment" | "timeline" | "traffic" | "configuration" | "clock";
  readonly object: string;
  /** Database time. */
  readonly at: Temporal.Instant;
  readonly body: unknown;
}

export interface EventRead {
  readonly events: readonly StoredEvent[];
  readonly cursor: EventCursor;
  /** Events after the cursor were removed by age: the reader has to look at everything anew. */
  readonly missed: boolean;
}

const row = z.object({
  xid: transactionId,
  seq: whole,
  at: instant,
  kind: z.enum(["deployment", "timeline", "traffic", "configuration", "clock"]),
  object: z.string(),
  body: z.unknown(),
});

export function cursorText(cursor: EventCursor): string {
  return `${cursor.xid}-${cursor.seq}`;
}

/** null: no id that `cursorText` ever wrote. */
export function parseCursor(text: string): EventCursor | null {
  const [, xid, seq] = /^(\d{1,20})-(\d{1,15})$/.exec(text) ?? [];
  if (xid === undefined || seq === undefined || BigInt(xid) > maxTransactionId) return null;
  return { xid, seq: Number(seq) };
}

const maxTransactionId = 2n ** 64n - 1n;

/** The cursor of a new reader: whatever lies before it can be seen already. */
export async function presentCursor(client: Queryable): Promise<EventCursor> {
  const found = sql`select pg_snapshot_xmin(pg_current_snapshot()) as xid`;
  const read = await queryOne(client, found, z.object({ xid: transactionId }));
  if (read === null) throw new Error("there is always a snapshot");
  return { xid: read.xid, seq: 0 };
}

/** False for a transaction that the server has not begun: the id comes from another database, or from before a restore. */
export async function isIssued(client: Queryable, cursor: EventCursor): Promise<boolean> {
  const found = sql`select ${cursor.xid}::xid8 < pg_snapshot_xmax(pg_current_snapshot()) as issued`;
  return (await queryOne(client, found, z.object({ issued: z.boolean() })))?.issued ?? false;
}

/** Events after the cursor, in order, at most `maxEventsPerRead`; the cursor returned continues after them. */
export async function eventsAfter(client: Queryable, cursor: EventCursor): Promise<EventRead> {
  const after = sql`(${cursor.xid}::xid8, ${cursor.seq}::bigint)`;
  const read = await query(
    client,
    sql`select xid, seq, at, kind, object, body from event
        where (xid, seq) > ${after} and xid < pg_snapshot_xmin(pg_current_snapshot())
        order by xid, seq limit ${maxEventsPerRead}`,
    row,
  );
  // Read after the events: what was removed in between counts as missed, never as not there.
  const pruned = sql`select exists (select from event_pruned where (xid, seq) > ${after}) as missed`;
  const missed = (await queryOne(client, pruned, z.object({ missed: z.boolean() })))?.missed ?? false;
  const last = read.at(-1);
  return {
    events: read.map(({ xid, seq, ...event }) => ({ id: cursorText({ xid, seq }), ...event })),
    cursor: last === undefined ? cursor : { xid: last.xid, seq: last.seq },
    missed,
  };
}

/** Removes events of that age and older (database time), and notes how far; how many. */
export async function pruneEvents(client: Queryable, olderThanHours: number): Promise<number> {
  return execute(
    client,
    sql`with gone as (
          delete from event where at <= now() - make_interval(hours => ${olderThanHours}::integer) returning xid, seq
        ), noted as (
          insert into event_pruned (xid, seq) select xid, seq from gone order by xid desc, seq desc limit 1
          on conflict (one) do update set xid = excluded.xid, seq = excluded.seq
          where (excluded.xid, excluded.seq) > (event_pruned.xid, event_pruned.seq)
        )
        select from gone`,
  );
}

/** A reader is told at least this often: a notification is a hint and may be lost. */
const pollMs = 2_000;
const firstReconnectMs = 250;
const maxReconnectMs = 10_000;

export interface Listener {
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Calls `onHint` when there may be new events: on a notification, after every (re)connection, and every two seconds
 * whatever happens. A lost connection is made again, for as long as the listener lives.
 */
export function listen(connectionString: string, onHint: () => void): Listener {
  const stop = new AbortController();
  const poll = setInterval(onHint, pollMs);
  const running = keepListening(connectionString, onHint, stop.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(poll);
      stop.abort();
      await running;
    },
  };
}

async function keepListening(connectionString: string, onHint: () => void, signal: AbortSignal): Promise<void> {
  let waitMs = firstReconnectMs;
  while (!signal.aborted) {
    const listened = await listenOnce(connectionString, onHint, signal);
    waitMs = listened ? firstReconnectMs : Math.min(waitMs * 2, maxReconnectMs);
    // Aborted while it waits: the loop ends.
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Until the connection ends; true if it was ever made. */
async function listenOnce(connectionString: string, onHint: () => void, signal: AbortSignal): Promise<boolean> {
  const client = createClient(connectionString, "tidegate events");
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  client.once("end", end);
  client.once("error", () => end());
  const stop = (): void => end();
  signal.addEventListener("abort", stop);
  client.on("error", () => undefined);
  client.on("notification", onHint);
  try {
    await client.connect();
    await client.query(`listen ${eventChannel}`);
    onHint();
    await ended;
    return true;
  } catch {
    return false;
  } finally {
    signal.removeEventListener("abort", stop);
    await client.end().catch(() => undefined);
  }
}
