import { z } from "zod";
import type { DeploymentId } from "#core/id.ts";
import { leftEnds, type LeftVersion } from "#core/rollout/left-version.ts";
import { atLimits } from "#core/rollout/strategy.ts";
import { deploymentId, instant, toTimestamp, toTimestampOrNull, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

const limits = z.object({
  idleSeconds: z.number(),
  drainSeconds: z.number(),
  atLimit: z.enum(atLimits).optional(),
});

const row = z
  .object({
    deployment_id: deploymentId,
    version: z.string(),
    service: z.string(),
    environment: z.string(),
    left_at: instant,
    sessions: limits.nullable(),
    live: z.number().nullable(),
    is_exact: z.boolean(),
    ask_at: instant.nullable(),
    asked: whole,
    failed: whole,
    end_wanted_by: z.string().nullable(),
    look_at: instant.nullable(),
    ended_at: instant.nullable(),
    how: z.enum(leftEnds).nullable(),
    forced_out: z.number().nullable(),
  })
  .transform((read): LeftVersion => ({
    deployment: read.deployment_id,
    service: read.service,
    environment: read.environment,
    version: read.version,
    leftAt: read.left_at,
    sessions: read.sessions,
    counted: read.live === null ? null : { live: read.live, isExact: read.is_exact },
    askAt: read.ask_at,
    asked: read.asked,
    failed: read.failed,
    endWantedBy: read.end_wanted_by,
    lookAt: read.look_at,
    ended:
      read.ended_at === null || read.how === null
        ? null
        : { at: read.ended_at, how: read.how, forcedOut: read.forced_out },
  }));

/** Once for each version of a deployment. */
export async function insertLeft(client: Queryable, left: LeftVersion): Promise<void> {
  await execute(
    client,
    sql`insert into left_version (deployment_id, version, service, environment, left_at, sessions, live, is_exact, ask_at,
                                  look_at, ended_at, how, forced_out)
        values (${left.deployment}, ${left.version}, ${left.service}, ${left.environment}, ${toTimestamp(left.leftAt)},
                ${left.sessions === null ? null : JSON.stringify(left.sessions)}::jsonb, ${left.counted?.live ?? null},
                ${left.counted?.isExact ?? false}, ${toTimestampOrNull(left.askAt)}, ${toTimestampOrNull(left.lookAt)},
                ${toTimestampOrNull(left.ended?.at ?? null)}, ${left.ended?.how ?? null}, ${left.ended?.forcedOut ?? null})
        on conflict (deployment_id, version) do nothing`,
  );
}

/**
 * The one that has been due the longest, kept from others until `until`; null: nothing is due. As long as the run has not
 * ended that left it, the place is the run's: whoever looks holds the lock under the same name.
 */
export async function claimLeft(
  client: Queryable,
  now: Temporal.Instant,
  until: Temporal.Instant,
): Promise<LeftVersion | null> {
  return queryOne(
    client,
    sql`update left_version set look_at = ${toTimestamp(until)}
        where (deployment_id, version) = (
          select l.deployment_id, l.version from left_version l join deployment d on d.id = l.deployment_id
          where l.look_at <= ${toTimestamp(now)} and d.ended_at is not null
          order by l.look_at limit 1 for update of l skip locked)
        returning *`,
    row,
  );
}

/**
 * What came of a look. False when somebody else has ended it since. What a person has decided meanwhile stays: who wants
 * the end is not the look's to say, and a later question is not asked sooner.
 */
export async function saveLeft(client: Queryable, left: LeftVersion): Promise<boolean> {
  const saved = await execute(
    client,
    sql`update left_version
        set live = ${left.counted?.live ?? null}, is_exact = ${left.counted?.isExact ?? false},
            ask_at = greatest(ask_at, ${toTimestampOrNull(left.askAt)}), asked = ${left.asked}, failed = ${left.failed},
            look_at = ${toTimestampOrNull(left.lookAt)},
            ended_at = ${toTimestampOrNull(left.ended?.at ?? null)}, how = ${left.ended?.how ?? null},
            forced_out = ${left.ended?.forcedOut ?? null}
        where deployment_id = ${left.deployment} and version = ${left.version} and ended_at is null`,
  );
  return saved === 1;
}

/** What a person wants, and when it is looked at for that. False when it is over. */
export async function decideOnLeft(
  client: Queryable,
  { deployment, version, endWantedBy, askAt, lookAt }: LeftVersion,
): Promise<boolean> {
  const saved = await execute(
    client,
    sql`update left_version
        set end_wanted_by = ${endWantedBy}, ask_at = ${toTimestampOrNull(askAt)}, look_at = ${toTimestampOrNull(lookAt)}
        where deployment_id = ${deployment} and version = ${version} and ended_at is null`,
  );
  return saved === 1;
}

/** In the order in which they were left. */
export async function leftOf(client: Queryable, deployment: DeploymentId): Promise<readonly LeftVersion[]> {
  return query(
    client,
    sql`select * from left_version where deployment_id = ${deployment} order by left_at, version`,
    row,
  );
}
