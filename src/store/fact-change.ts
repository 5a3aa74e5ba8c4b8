import { z } from "zod";
import { execute, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/*
 * The changes of facts since a snapshot, exactly: a row of `fact_change` is new when its transaction is visible now and
 * was not visible then. Unlike a position in a sequence this misses nothing that commits late, and unlike a wait for
 * older transactions it sees at once what has committed.
 */

/** What `pg_current_snapshot()` prints; opaque. */
export type Snapshot = string;

export interface FactChange {
  readonly domain: string;
  /** Names joined by a blank. */
  readonly key: string;
}

export interface FactChanges {
  /** The snapshot of this reading: the next one goes on from it. */
  readonly snapshot: Snapshot;
  /** Each once; null when changes since then may have been removed, so that everything has to be read anew. */
  readonly changes: readonly FactChange[] | null;
}

/** More changes than this at once cost as much as reading everything anew. */
export const maxChangesRead = 20_000;

const row = z.object({
  snapshot: z.string(),
  pruned: z.boolean(),
  changes: z.array(z.object({ domain: z.string(), key: z.string() })),
});

/** One statement, hence one snapshot; inside a repeatable-read transaction it is that of everything read there. */
export async function changesSince(client: Queryable, since: Snapshot): Promise<FactChanges> {
  const read = await queryOne(
    client,
    sql`select pg_current_snapshot()::text as snapshot,
          exists (select from fact_change_pruned p
                  where p.xid >= pg_snapshot_xmin(${since}::pg_snapshot)) as pruned,
          (select coalesce(jsonb_agg(jsonb_build_object('domain', c.domain, 'key', c.key)), '[]')
           from (select distinct domain, key from fact_change
                 where xid >= pg_snapshot_xmin(${since}::pg_snapshot)
                   and not pg_visible_in_snapshot(xid, ${since}::pg_snapshot)
                 limit ${maxChangesRead + 1}) c) as changes`,
    row,
  );
  if (read === null) throw new Error("a selection without a table has one row");
  const { snapshot, pruned, changes } = read;
  return { snapshot, changes: pruned || changes.length > maxChangesRead ? null : changes };
}

export async function currentSnapshot(client: Queryable): Promise<Snapshot> {
  const found = sql`select pg_current_snapshot()::text as snapshot`;
  const read = await queryOne(client, found, z.object({ snapshot: z.string() }));
  if (read === null) throw new Error("there is always a snapshot");
  return read.snapshot;
}

/**
 * True when no fact has changed since the snapshot: nothing that this statement sees and that one did not, and nothing
 * that may have been removed meanwhile.
 */
export function unchangedSince(since: Snapshot): Statement {
  return sql`(not exists (select from fact_change where xid >= pg_snapshot_xmin(${since}::pg_snapshot)
                             and not pg_visible_in_snapshot(xid, ${since}::pg_snapshot))
    and not exists (select from fact_change_pruned p where p.xid >= pg_snapshot_xmin(${since}::pg_snapshot)))`;
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
