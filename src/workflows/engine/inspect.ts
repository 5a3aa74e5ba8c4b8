import type { Pool } from "pg";
import { z } from "zod";
import { query, queryOne, sql } from "#store/sql.ts";

/** One run as the engine knows it; for people who ask why nothing moves. */
export interface RunView {
  readonly id: string;
  readonly workflow: string;
  readonly status: "queued" | "running" | "done" | "failed" | "cancelled";
  readonly place: { readonly queue: string; readonly key: string } | null;
  readonly executor: string | null;
  readonly createdAt: Temporal.Instant;
  readonly updatedAt: Temporal.Instant;
  /** Names of what was recorded, in order; a wait counts twice (itself and its time limit). */
  readonly history: readonly string[];
}

const statuses = {
  ENQUEUED: "queued",
  DELAYED: "queued",
  PENDING: "running",
  SUCCESS: "done",
  ERROR: "failed",
  MAX_RECOVERY_ATTEMPTS_EXCEEDED: "failed",
  CANCELLED: "cancelled",
} as const;

const instant = z.coerce.number().transform((ms) => Temporal.Instant.fromEpochMilliseconds(ms));
const runRow = z.object({
  name: z.string(),
  status: z.enum(["ENQUEUED", "DELAYED", "PENDING", "SUCCESS", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"]),
  queue_name: z.string().nullable(),
  queue_partition_key: z.string().nullable(),
  executor_id: z.string().nullable(),
  created_at: instant,
  updated_at: instant,
});
const stepRow = z.object({ function_name: z.string().nullable() });

export async function inspectRun(pool: Pool, id: string): Promise<RunView | null> {
  const row = await queryOne(
    pool,
    sql`select name, status, queue_name, queue_partition_key, executor_id, created_at, updated_at
        from dbos.workflow_status where workflow_uuid = ${id}`,
    runRow,
  );
  if (row === null) return null;
  const steps = await query(
    pool,
    sql`select function_name from dbos.operation_outputs where workflow_uuid = ${id} order by function_id`,
    stepRow,
  );
  const { queue_name: queue, queue_partition_key: key } = row;
  return {
    id,
    workflow: row.name,
    status: statuses[row.status],
    place: queue === null || key === null ? null : { queue, key },
    executor: row.executor_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    history: steps.map((step) => step.function_name ?? ""),
  };
}

const idRow = z.object({ id: z.string() });

/** Those of the runs for which the engine does nothing more: ended in any way, or not known to it. */
export async function endedRuns(pool: Pool, runs: readonly string[]): Promise<ReadonlySet<string>> {
  if (runs.length === 0) return new Set();
  const rows = await query(
    pool,
    sql`select r.id from unnest(${runs}::text[]) as r(id)
        left join dbos.workflow_status s on s.workflow_uuid = r.id
        where s.status is null or s.status not in ('ENQUEUED', 'DELAYED', 'PENDING')`,
    idRow,
  );
  return new Set(rows.map(({ id }) => id));
}

/** What broke off longer ago has been found long since. */
const brokenSinceDays = 31;
/** At one look; the latest first. */
const brokenAtOnce = 500;

/** Ids of the runs of these workflows that the engine has given up: nobody will do anything more for them. */
export async function brokenRuns(pool: Pool, workflows: readonly string[]): Promise<readonly string[]> {
  const rows = await query(
    pool,
    sql`select workflow_uuid as id from dbos.workflow_status
        where status in ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')
          and created_at > extract(epoch from now() - make_interval(days => ${brokenSinceDays})) * 1000
          and name = any(${workflows})
        order by created_at desc limit ${brokenAtOnce}`,
    idRow,
  );
  return rows.map(({ id }) => id);
}

/** Health is progress (not a port that answers): how long the oldest piece of work has been waiting although it could go. */
export interface EngineHealth {
  /** Null if nothing is due. Counted: runs at the head of a free place, and runs whose executor is dead. */
  readonly oldestDueMs: number | null;
  readonly queued: number;
  readonly running: number;
}

const healthRow = z.object({
  oldest: z.coerce.number().nullable(),
  queued: z.coerce.number(),
  running: z.coerce.number(),
});

/** Due since: when it came, or when its place became free, whichever is later; for an orphan, when its lease ended. */
export async function readHealth(pool: Pool): Promise<EngineHealth> {
  const row = await queryOne(
    pool,
    sql`with active as (
          select status, queue_name, queue_partition_key, executor_id, updated_at
          from dbos.workflow_status where status in ('ENQUEUED', 'PENDING')
        ), free as (
          select queue_name, queue_partition_key, min(updated_at) as since from active
          group by 1, 2 having bool_and(status = 'ENQUEUED')
        ), due as (
          select greatest(since, (select max(completed_at) from dbos.workflow_status d
            where d.queue_name = free.queue_name and d.queue_partition_key = free.queue_partition_key)) as since
          from free
          union all
          select coalesce(extract(epoch from l.expires_at) * 1000, a.updated_at)
          from active a left join executor_lease l on l.id = a.executor_id
          where a.status = 'PENDING' and (l.id is null or l.expires_at < now())
        )
        select (select extract(epoch from clock_timestamp()) * 1000 - min(since) from due) as oldest,
          (select count(*) from active where status = 'ENQUEUED') as queued,
          (select count(*) from active where status = 'PENDING') as running`,
    healthRow,
  );
  const oldest = row?.oldest ?? null;
  return {
    oldestDueMs: oldest === null ? null : Math.max(0, Math.round(oldest)),
    queued: row?.queued ?? 0,
    running: row?.running ?? 0,
  };
}
