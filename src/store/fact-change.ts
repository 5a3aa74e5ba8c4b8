import { z } from "zod";
import { execute, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/*
 * The changes of facts since a snapshot, exactly: a row of `fact_change` is new when its transaction is visible now and
 * was not visible then. Unlike a position in a sequence this misses nothing that commits late, and unlike a wait for
 * older transactions it sees at once what has committed.
 */

/** Of which database, and what `pg_current_snapshot()` prints there; opaque. */
export type Snapshot = string;

/*
 * Numbers of transactions mean something only in the database that has given them. After a standby was promoted or a
 * backup was put back, there is another history behind the same address: its snapshots name another incarnation, and
 * nothing that was known of the one before counts.
 */

/** Another server, a server that was started again, another database, or tables that were made anew. */
const incarnation = sql`(select extract(epoch from pg_postmaster_start_time())::text || '/' || b.oid || '/'
    || 'fact_part'::regclass::oid::bigint from pg_database b where b.datname = current_database())`;

const currentText = sql`pg_current_snapshot()::text || '@' || ${incarnation}`;

/** Of which database the snapshot is. */
export function incarnationOf(snapshot: Snapshot): string {
  return snapshot.slice(snapshot.indexOf("@") + 1);
}

function isOfThisDatabase(since: Snapshot): Statement {
  return sql`${incarnation} = ${incarnationOf(since)}`;
}

function transactionsOf(snapshot: Snapshot): string {
  return snapshot.slice(0, snapshot.indexOf("@"));
}

export interface FactChange {
  readonly domain: string;
  /** Names joined by a blank. */
  readonly key: string;
}

export interface FactChanges {
  /** The snapshot of this reading: the next one goes on from it. */
  readonly snapshot: Snapshot;
  /**
   * Each once; null when changes since then may have been removed, or the database is another one, so that everything
   * has to be read anew.
   */
  readonly changes: readonly FactChange[] | null;
}

/** More changes than this at once cost as much as reading everything anew. */
export const maxChangesRead = 20_000;

const row = z.object({
  snapshot: z.string(),
  same: z.boolean(),
  pruned: z.boolean(),
  changes: z.array(z.object({ domain: z.string(), key: z.string() })),
});

/** One statement, hence one snapshot; inside a repeatable-read transaction it is that of everything read there. */
export async function changesSince(client: Queryable, since: Snapshot): Promise<FactChanges> {
  const then = transactionsOf(since);
  const read = await queryOne(
    client,
    sql`select ${currentText} as snapshot, ${isOfThisDatabase(since)} as same,
          exists (select from fact_change_pruned p
                  where p.xid >= pg_snapshot_xmin(${then}::pg_snapshot)) as pruned,
          (select coalesce(jsonb_agg(jsonb_build_object('domain', c.domain, 'key', c.key)), '[]')
           from (select distinct domain, key from fact_change
                 where xid >= pg_snapshot_xmin(${then}::pg_snapshot)
                   and not pg_visible_in_snapshot(xid, ${then}::pg_snapshot)
                 limit ${maxChangesRead + 1}) c) as changes`,
    row,
  );
  if (read === null) throw new Error("a selection without a table has one row");
  const { snapshot, same, pruned, changes } = read;
  return { snapshot, changes: !same || pruned || changes.length > maxChangesRead ? null : changes };
}

export async function currentSnapshot(client: Queryable): Promise<Snapshot> {
  const found = sql`select ${currentText} as snapshot`;
  const read = await queryOne(client, found, z.object({ snapshot: z.string() }));
  if (read === null) throw new Error("there is always a snapshot");
  return read.snapshot;
}

/**
 * True when no fact has changed since the snapshot: nothing that this statement sees and that one did not, nothing that
 * may have been removed meanwhile, and the same database.
 */
export function unchangedSince(since: Snapshot): Statement {
  const then = transactionsOf(since);
  return sql`(${isOfThisDatabase(since)}
    and not exists (select from fact_change where xid >= pg_snapshot_xmin(${then}::pg_snapshot)
                             and not pg_visible_in_snapshot(xid, ${then}::pg_snapshot))
    and not exists (select from fact_change_pruned p where p.xid >= pg_snapshot_xmin(${then}::pg_snapshot)))`;
}

/** Removes changes of that age and older (database time), and notes how far; how many. */
export async function pruneFactChanges(client: Queryable, olderThanMinutes: number): Promise<number> {
  return execute(
    client,
    sql`with gone as (
          delete from fact_change where at <= now() - make_interval(mins => ${olderThanMinutes}::integer) returning xid
        ), noted as (
          insert into fact_change_pruned (xid) select xid from gone order by xid desc limit 1
          on conflict (one) do update set xid = greatest(excluded.xid, fact_change_pruned.xid)
        )
        select from gone`,
  );
}
