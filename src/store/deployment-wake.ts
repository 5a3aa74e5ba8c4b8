import type { Pool } from "pg";
import { z } from "zod";
import { instant, toTimestamp } from "./row.ts";
import { execute, query, sql, transaction, type Queryable } from "./sql.ts";

/** Waiting work of one of the services, or with the digest; in one of the environments. */
export interface Concerned {
  /** null: of whatever service. */
  readonly services: readonly string[] | null;
  /** Empty: everywhere. */
  readonly environments: readonly string[];
  /** null: with whatever digest. */
  readonly digest: string | null;
}

export type Wake = (client: Queryable, about: Concerned, now: Temporal.Instant) => Promise<void>;

/**
 * Makes the waiting work concerned due at once. All its rows are locked first, those that are due too: one that is being
 * judged just now gets its new timer from a verdict that may not know the change, so the wake waits for it and looks
 * afterwards. Rows are locked in one order.
 */
export async function wakeConcerned(client: Queryable, about: Concerned, now: Temporal.Instant): Promise<void> {
  const { services, environments, digest } = about;
  const waiting = sql`state = 'waiting'
    and ${services === null ? sql`true` : sql`service = any(${services}::text[])`}
    and ${environments.length === 0 ? sql`true` : sql`environment = any(${environments}::text[])`}
    and ${digest === null ? sql`true` : sql`digest = ${digest}`}`;
  await execute(client, sql`select from deployment where ${waiting} order by id for update`);
  const at = toTimestamp(now);
  await execute(client, sql`update deployment set next_check_at = ${at} where ${waiting} and next_check_at > ${at}`);
  await wakeSteps(client, about, at);
}

/** The same for steps of runs that wait for a verdict. */
async function wakeSteps(client: Queryable, { services, environments, digest }: Concerned, at: string): Promise<void> {
  const watching = sql`state = 'running' and watched_environment is not null
    and ${services === null ? sql`true` : sql`watched_services && ${services}::text[]`}
    and ${environments.length === 0 ? sql`true` : sql`watched_environment = any(${environments}::text[])`}
    and ${digest === null ? sql`true` : sql`${digest} = any(watched_digests)`}`;
  await execute(client, sql`select from plan_step where ${watching} order by run_id, part, name for update`);
  await execute(client, sql`update plan_step set look_at = ${at} where ${watching} and look_at > ${at}`);
}

/** Asks for the same, in the transaction of the change: `applyWakes` does it after the commit. */
export async function requestWake(client: Queryable, about: Concerned, now: Temporal.Instant): Promise<void> {
  const { services, environments, digest } = about;
  await execute(
    client,
    sql`insert into wake_request (services, environments, digest, at)
        values (${services === null ? null : [...services]}, ${[...environments]}, ${digest}, ${toTimestamp(now)})`,
  );
}

const requested = z.object({
  services: z.array(z.string()).nullable(),
  environments: z.array(z.string()),
  digest: z.string().nullable(),
  at: instant,
});

/**
 * Does what was asked for and has committed; how many requests. At read committed: it waits for work that is being
 * judged, and then looks at the rows as they are. What a crash leaves is done by the next one.
 */
export async function applyWakes(pool: Pool): Promise<number> {
  return transaction(pool, async (client) => {
    const found = await query(
      client,
      sql`delete from wake_request where seq in (select seq from wake_request order by seq for update skip locked)
          returning services, environments, digest, at`,
      requested,
    );
    for (const { at, ...about } of found) await wakeConcerned(client, about, at);
    return found.length;
  });
}
