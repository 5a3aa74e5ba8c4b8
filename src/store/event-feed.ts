import type { Pool } from "pg";
import {
  eventsAfter,
  listen,
  parseCursor,
  presentCursor,
  isIssued,
  type EventCursor,
  type StoredEvent,
} from "./event.ts";

/*
 * One reader of the table for all streams of a process: a hundred open pages cost one query per change and not a
 * hundred. The newest events are kept in memory; a reader that is further behind catches up from the table.
 */

/** Events kept in memory: minutes of a busy installation. */
const keptEvents = 2_000;
const start: EventCursor = { xid: "0", seq: 0 };

export interface EventFeed {
  /**
   * Events in order after the one with this id (null: from now on), without gaps, until the signal aborts. An id that
   * was never given out, or is older than what is kept, starts at the oldest event kept.
   */
  readonly follow: (after: string | null, signal: AbortSignal) => AsyncIterable<StoredEvent>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

interface Tail {
  /** Everything after `from` up to `to` is in `events`. */
  from: EventCursor;
  to: EventCursor;
  events: StoredEvent[];
  /** Settles when there is more. */
  more: PromiseWithResolvers<void>;
}

/** `report` hears of failed reads; the next hint reads again. */
export async function createEventFeed(
  pool: Pool,
  connectionString: string,
  report: (error: unknown) => void = () => undefined,
): Promise<EventFeed> {
  const now = await presentCursor(pool);
  const tail: Tail = { from: now, to: now, events: [], more: Promise.withResolvers() };
  const advance = singleFlight(async () => {
    try {
      while (await readMore(pool, tail));
    } catch (error) {
      report(error);
    }
  });
  const listener = listen(connectionString, advance.request);
  return {
    follow: (after, signal) => follow(pool, tail, after, signal),
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      await advance.idle();
    },
  };
}

/** Runs `body` when asked; asked while it runs, it runs once more afterwards. */
function singleFlight(body: () => Promise<void>): { readonly request: () => void; readonly idle: () => Promise<void> } {
  let running: Promise<void> | null = null;
  let again = false;
  const run = async (): Promise<void> => {
    do {
      again = false;
      await body();
    } while (again);
    running = null;
  };
  return {
    request: () => {
      again = true;
      running ??= run();
    },
    idle: async () => running ?? undefined,
  };
}

/** True if there may be still more. */
async function readMore(pool: Pool, tail: Tail): Promise<boolean> {
  const read = await eventsAfter(pool, tail.to);
  if (read.events.length === 0) return false;
  tail.events = [...tail.events, ...read.events];
  tail.to = read.cursor;
  const dropped = tail.events.splice(0, Math.max(0, tail.events.length - keptEvents)).at(-1);
  if (dropped !== undefined) tail.from = parseCursor(dropped.id) ?? tail.from;
  const { more } = tail;
  tail.more = Promise.withResolvers();
  more.resolve();
  return true;
}

async function* follow(pool: Pool, tail: Tail, after: string | null, signal: AbortSignal): AsyncGenerator<StoredEvent> {
  let cursor = after === null ? tail.to : await startOf(pool, after);
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  const stop = (): void => abort();
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      const { more } = tail;
      const found = isBefore(cursor, tail.from) ? await catchUp(pool, tail, cursor) : inMemory(tail, cursor);
      for (const event of found.events) {
        if (signal.aborted) return;
        yield event;
      }
      cursor = found.cursor;
      if (found.events.length === 0 && !isBefore(cursor, tail.to)) await Promise.race([more.promise, aborted]);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function startOf(pool: Pool, id: string): Promise<EventCursor> {
  const cursor = parseCursor(id);
  return cursor !== null && (await isIssued(pool, cursor)) ? cursor : start;
}

interface Found {
  readonly events: readonly StoredEvent[];
  readonly cursor: EventCursor;
}

/** From the table; when nothing is left between the cursor and the memory, the memory is next. */
async function catchUp(pool: Pool, tail: Tail, cursor: EventCursor): Promise<Found> {
  const { from } = tail;
  const read = await eventsAfter(pool, cursor);
  return read.events.length > 0 ? read : { events: [], cursor: from };
}

function inMemory(tail: Tail, cursor: EventCursor): Found {
  const index = tail.events.findLastIndex(({ id }) => !isBefore(cursor, parseCursor(id) ?? start));
  return { events: tail.events.slice(index + 1), cursor: isBefore(cursor, tail.to) ? tail.to : cursor };
}

function isBefore(a: EventCursor, b: EventCursor): boolean {
  return a.xid === b.xid ? a.seq < b.seq : BigInt(a.xid) < BigInt(b.xid);
}
