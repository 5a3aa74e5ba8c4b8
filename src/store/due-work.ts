import { z } from "zod";
import { instant, toTimestamp } from "./row.ts";
import { query, queryOne, sql, type Queryable } from "./sql.ts";

/** Work that could go on since an instant, and has not. */
export interface DueWork {
  readonly kind: "deployment" | "run" | "webhook" | "watch";
  readonly id: string;
  readonly since: Temporal.Instant;
}

const row = z.object({ kind: z.enum(["deployment", "run", "webhook", "watch"]), id: z.string(), since: instant });

/**
 * The one that has been due the longest: waiting work whose timer has come, runs of runbooks with a step to look at or
 * that have to turn back, live versions to look at, webhooks that were stored and not handled. Runs that were put aside are no part of it.
 * Health is progress: the age of this says whether anybody works. Null: nothing is due.
 */
export async function oldestDueWork(client: Queryable, now: Temporal.Instant): Promise<DueWork | null> {
  const at = toTimestamp(now);
  return queryOne(
    client,
    sql`select kind, id, since from (
          (select 'deployment' as kind, id, next_check_at as since from deployment
            where state = 'waiting' and next_check_at <= ${at} order by next_check_at limit 1)
          union all
          (select 'run', r.id, s.look_at from plan_step s join plan_run r on r.id = s.run_id
            where s.state in ('queued', 'running') and s.look_at <= ${at} and r.state = 'running'
              and coalesce(r.paused_until <= ${at}, true) order by s.look_at limit 1)
          union all
          (select 'run', id, turn_at from plan_run where state = 'running' and turned_by is null and turn_at <= ${at}
            and coalesce(paused_until <= ${at}, true) order by turn_at limit 1)
          union all
          (select 'watch', deployment_id, look_at from live_watch where look_at <= ${at} order by look_at limit 1)
          union all
          -- It is stored by the clock of the database, and so is its age.
          (select 'webhook', id, ${at}::timestamptz - (now() - received_at) from hook_delivery
            where state = 'received' order by seq limit 1)) due
        order by since limit 1`,
    row,
  );
}

/** Runs that could not be looked at and are tried again later, in the order of their begin. */
export async function runsPutAside(client: Queryable, now: Temporal.Instant): Promise<readonly string[]> {
  const found = await query(
    client,
    sql`select id from plan_run where state = 'running' and paused_until > ${toTimestamp(now)} order by started_at, id`,
    z.object({ id: z.string() }),
  );
  return found.map(({ id }) => id);
}
