import { z } from "zod";
import type { DeploymentId } from "#core/id.ts";
import type { CheckIn, ExitCriterion } from "#core/rollout/stabilisation.ts";
import type { MeasuredTrigger } from "#core/rollout/measured.ts";
import type { Watch, WatchState } from "#core/rollout/watch.ts";
import { deploymentId, instant, toTimestamp, toTimestampOrNull, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";
import { toStoredPlan, watchPlan } from "./watch-plan.ts";

export interface StoredMemory extends WatchState {
  readonly wallLiveSecond?: number | undefined;
  readonly measured?: Readonly<Record<string, MeasuredTrigger>> | undefined;
  readonly liveSecond: number | null;
  readonly newest: { readonly second: number; readonly at: string } | null;
  readonly budgetLeft: number | null;
  readonly exit: {
    readonly how: (typeof exits)[number];
    readonly at: string;
    readonly by: string | null;
    readonly reason: string | null;
    readonly criteria: readonly ExitCriterion[];
  } | null;
}

export interface StoredWatch {
  readonly deployment: DeploymentId;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly digest: string;
  readonly watch: Watch;
  readonly memory: StoredMemory;
  readonly liveAt: Temporal.Instant;
  readonly armedUntil: Temporal.Instant;
  readonly watchedUntil: Temporal.Instant;
  readonly prolonged: number;
  readonly lookAt: Temporal.Instant | null;
  readonly fence: number;
}

const exits = ["green", "unproven", "decided", "superseded", "taken-back", "window-over"] as const;

const measured = z.object({
  memory: z.object({ newest: z.number(), labels: z.array(z.string()) }).nullable(),
  value: z.number().nullable(),
  trouble: z.string().nullable(),
});
const memory = z.object({
  wallLiveSecond: z.number().exactOptional(),
  measured: z.record(z.string(), measured).exactOptional(),
  phase: z.enum(["armed", "alerting", "fired", "over"]),
  looks: z.record(z.string(), z.array(z.number().nullable())),
  told: z.array(z.string()),
  seenAt: z.string(),
  isBlind: z.boolean(),
  standings: z.record(z.string(), z.enum(["breached", "quiet", "unknown"])),
  liveSecond: z.number().nullable(),
  newest: z.object({ second: z.number(), at: z.string() }).nullable(),
  budgetLeft: z.number().nullable(),
  exit: z
    .object({
      how: z.enum(exits),
      at: z.string(),
      by: z.string().nullable(),
      reason: z.string().nullable(),
      criteria: z.array(z.object({ name: z.string(), isGreen: z.boolean(), sentence: z.string() })),
    })
    .nullable(),
});

const row = z
  .object({
    deployment_id: deploymentId,
    service: z.string(),
    environment: z.string(),
    version: z.string(),
    digest: z.string(),
    plan: watchPlan,
    state: memory,
    live_at: instant,
    armed_until: instant,
    watched_until: instant,
    prolonged: whole,
    look_at: instant.nullable(),
    fence: whole,
  })
  .transform((read): StoredWatch => ({
    deployment: read.deployment_id,
    service: read.service,
    environment: read.environment,
    version: read.version,
    digest: read.digest,
    watch: read.plan,
    memory: read.state,
    liveAt: read.live_at,
    armedUntil: read.armed_until,
    watchedUntil: read.watched_until,
    prolonged: read.prolonged,
    lookAt: read.look_at,
    fence: read.fence,
  }));

/** Whoever was looking at it meanwhile stores nothing any more. */
export async function supersedeWatches(
  client: Queryable,
  service: string,
  environment: string,
): Promise<readonly StoredWatch[]> {
  return query(
    client,
    sql`update live_watch set look_at = null, fence = fence + 1
        where service = ${service} and environment = ${environment} and look_at is not null returning *`,
    row,
  );
}

export async function armWatch(client: Queryable, one: Omit<StoredWatch, "fence">): Promise<void> {
  await execute(
    client,
    sql`insert into live_watch
          (deployment_id, service, environment, version, digest, plan, state, live_at, armed_until, watched_until, look_at)
        values (${one.deployment}, ${one.service}, ${one.environment}, ${one.version}, ${one.digest},
                ${JSON.stringify(toStoredPlan(one.watch))}::jsonb, ${JSON.stringify(one.memory)}::jsonb, ${toTimestamp(one.liveAt)},
                ${toTimestamp(one.armedUntil)}, ${toTimestamp(one.watchedUntil)}, ${toTimestampOrNull(one.lookAt)})
        on conflict (deployment_id) do nothing`,
  );
}

/** Longer than a look at a target may take; who dies loses it then. */
const claimSeconds = 30;

export async function claimWatch(client: Queryable, now: Temporal.Instant): Promise<StoredWatch | null> {
  return queryOne(
    client,
    sql`update live_watch set fence = fence + 1, claimed_until = clock_timestamp() + ${claimSeconds} * interval '1 second'
        where deployment_id = (
          select deployment_id from live_watch
          where look_at <= ${toTimestamp(now)} and coalesce(claimed_until < clock_timestamp(), true)
          order by look_at limit 1 for update skip locked)
        returning *`,
    row,
  );
}

export async function takeWatch(client: Queryable, deployment: DeploymentId): Promise<StoredWatch | null> {
  return queryOne(
    client,
    sql`update live_watch set fence = fence + 1, claimed_until = null where deployment_id = ${deployment} returning *`,
    row,
  );
}

export async function saveWatch(client: Queryable, one: StoredWatch): Promise<boolean> {
  const stored = await execute(
    client,
    sql`update live_watch
        set state = ${JSON.stringify(one.memory)}::jsonb, watched_until = ${toTimestamp(one.watchedUntil)},
            prolonged = ${one.prolonged}, look_at = ${toTimestampOrNull(one.lookAt)}, claimed_until = null
        where deployment_id = ${one.deployment} and fence = ${one.fence}`,
  );
  return stored === 1;
}

export async function findWatch(client: Queryable, deployment: DeploymentId): Promise<StoredWatch | null> {
  return queryOne(client, sql`select * from live_watch where deployment_id = ${deployment}`, row);
}

/** Watched now, and looked after by one of the names or told to one of them; the newest first. */
export async function watchesConcerning(
  client: Queryable,
  names: readonly string[],
  limit: number,
): Promise<readonly StoredWatch[]> {
  const asked = sql`${[...names]}::text[]`;
  return query(
    client,
    sql`select * from live_watch w
        where look_at is not null
          and (plan #>> '{stabilisation,watcher}' = any(${asked})
            or exists (select from watch_notice n where n.deployment_id = w.deployment_id and n.recipient = any(${asked})))
        order by live_at desc, deployment_id limit ${limit}`,
    row,
  );
}

export interface StoredNotice {
  readonly deployment: DeploymentId;
  readonly key: string;
  readonly at: Temporal.Instant;
  readonly recipient: string;
  readonly sentence: string;
}

export async function tellOfWatch(client: Queryable, one: StoredNotice): Promise<boolean> {
  const added = await execute(
    client,
    sql`insert into watch_notice (deployment_id, key, at, recipient, sentence)
        values (${one.deployment}, ${one.key}, ${toTimestamp(one.at)}, ${one.recipient}, ${one.sentence})
        on conflict (deployment_id, key, recipient) do nothing`,
  );
  return added === 1;
}

/** More than a page shows; the newest first. */
const maxKept = 200;

function ofDeployment(deployment: DeploymentId): Statement {
  return sql`where deployment_id = ${deployment} order by seq desc limit ${maxKept}`;
}

export async function toldOfWatch(client: Queryable, deployment: DeploymentId): Promise<readonly StoredNotice[]> {
  const read = z.object({ key: z.string(), at: instant, recipient: z.string(), sentence: z.string() });
  const rows = await query(client, sql`select * from watch_notice ${ofDeployment(deployment)}`, read);
  return rows.map((one) => ({ ...one, deployment }));
}

export async function checkInOnWatch(client: Queryable, deployment: DeploymentId, given: CheckIn): Promise<void> {
  await execute(
    client,
    sql`insert into watch_check_in (deployment_id, at, person, is_well, sentence)
        values (${deployment}, ${toTimestamp(given.at)}, ${given.person}, ${given.isWell}, ${given.sentence})`,
  );
}

/** In order. */
export async function checkInsOfWatch(client: Queryable, deployment: DeploymentId): Promise<readonly CheckIn[]> {
  const read = z
    .object({ at: instant, person: z.string(), is_well: z.boolean(), sentence: z.string() })
    .transform(({ is_well: isWell, ...one }): CheckIn => ({ ...one, isWell }));
  return (await query(client, sql`select * from watch_check_in ${ofDeployment(deployment)}`, read)).toReversed();
}
