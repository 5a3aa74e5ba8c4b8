import { z } from "zod";
import type { HeldLock } from "#core/release/state.ts";
import { instant, toTimestampOrNull, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/*
 * free → held(holder, fence) → free. A take by whoever holds it already keeps the fence. Held locks survive crashes:
 * the run that holds one is resumed and releases it.
 */

const row = z.object({ key: z.string(), holder: z.string(), fence: whole, expected_to: instant.nullable() });

/** A lock as a fact, of what `heldLockJson` selects. */
export const heldLock = z
  .object({
    key: z.string(),
    holder: z.string(),
    subject: z.string().nullable(),
    fence: whole,
    until: instant.nullable(),
  })
  .transform(({ subject, ...lock }): HeldLock => (subject === null ? lock : { ...lock, subject }));

/** Of a row `k` of locks: the lock, and what its holder brings where. */
export const heldLockJson = sql`jsonb_build_object('key', k.key, 'holder', k.holder, 'fence', k.fence,
  'until', k.expected_to, 'subject',
  (select d.service || '@' || d.version || ' to ' || d.environment from deployment d where d.id = k.holder))`;

/** A deployment, or the run of a plan. */
export type LockHolder = string;

export type Take = { readonly taken: true; readonly fence: number } | { readonly taken: false; readonly by: HeldLock };

export async function takeLock(
  client: Queryable,
  key: string,
  holder: LockHolder,
  until: Temporal.Instant | null,
): Promise<Take> {
  await serialise(client, key);
  const held = await readLock(client, sql`${lockOf(key)} for update`);
  if (held !== null && held.holder !== holder) return { taken: false, by: held };
  const expectedTo = toTimestampOrNull(until);
  const taken = await queryOne(
    client,
    held === null
      ? sql`insert into environment_lock (key, holder, fence, expected_to)
            values (${key}, ${holder}, nextval('lock_fence'), ${expectedTo})
            on conflict (key) do nothing
            returning key, holder, fence, expected_to`
      : sql`update environment_lock set expected_to = ${expectedTo} where key = ${key}
            returning key, holder, fence, expected_to`,
    row,
  );
  if (taken === null) throw new Error(`the lock ${key} vanished while it was held`);
  return { taken: true, fence: taken.fence };
}

/** True when the holder still had it; a late holder frees nothing of its successor's. */
export async function releaseLock(client: Queryable, key: string, holder: LockHolder): Promise<boolean> {
  await serialise(client, key);
  return (await execute(client, sql`delete from environment_lock where key = ${key} and holder = ${holder}`)) === 1;
}

/** A new, higher number for a holder that keeps the lock: whatever it asked for under the number before comes too late. */
export async function renewLock(client: Queryable, key: string, holder: LockHolder): Promise<number | null> {
  await serialise(client, key);
  const renewed = await queryOne(
    client,
    sql`update environment_lock set fence = nextval('lock_fence') where key = ${key} and holder = ${holder}
        returning key, holder, fence, expected_to`,
    row,
  );
  return renewed?.fence ?? null;
}

/** The keys of what it holds. */
export async function locksOf(client: Queryable, holder: LockHolder): Promise<readonly string[]> {
  const held = sql`select key, holder, fence, expected_to from environment_lock where holder = ${holder} order by key`;
  return (await query(client, held, row)).map(({ key }) => key);
}

export async function findLock(client: Queryable, key: string): Promise<HeldLock | null> {
  return readLock(client, lockOf(key));
}

function lockOf(key: string): Statement {
  return sql`select key, holder, fence, expected_to from environment_lock where key = ${key}`;
}

async function readLock(client: Queryable, statement: Statement): Promise<HeldLock | null> {
  const read = await queryOne(client, statement, row);
  return read === null ? null : { key: read.key, holder: read.holder, fence: read.fence, until: read.expected_to };
}

/**
 * Takes and releases of one key happen one after the other, to the end of their transactions. Without it a contender
 * could draw its number, wait for a holder, and come in with a number lower than one that was granted meanwhile.
 * A repeatable-read transaction that waited here has an old snapshot: its `for update` and its insert then fail with
 * 40001 and it starts anew.
 */
async function serialise(client: Queryable, key: string): Promise<void> {
  await execute(client, sql`select pg_advisory_xact_lock(hashtextextended(${`environment_lock ${key}`}, 0))`);
}
