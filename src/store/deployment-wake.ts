import { toTimestamp } from "./row.ts";
import { execute, sql, type Queryable } from "./sql.ts";

/** Waiting work of one of the services, or with the digest; in one of the environments. */
export interface Concerned {
  /** null: of whatever service. */
  readonly services: readonly string[] | null;
  /** Empty: everywhere. */
  readonly environments: readonly string[];
  /** null: with whatever digest. */
  readonly digest: string | null;
}

/**
 * Makes the waiting work concerned due at once. As in `wakeDeployments` its rows are locked first and in one order: one
 * that is being judged just now gets its new timer from a verdict that may not know the change.
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
}
