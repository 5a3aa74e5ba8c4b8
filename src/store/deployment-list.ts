import { z } from "zod";
import type { DeploymentId } from "#core/id.ts";
import { environmentLock } from "#core/policy/rules/lock-free.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { DeploymentState } from "#core/rollout/state.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { deploymentColumns, deploymentWithBooking, parseDeployment, type StoredDeployment } from "./deployment.ts";
import { findLock } from "./lock.ts";
import { instant, toTimestamp, whole } from "./row.ts";
import { query, queryOne, sql, type Queryable } from "./sql.ts";
import { parseVerdict } from "./verdict.ts";

export interface DeploymentFilter {
  readonly environment: string | null;
  readonly service: string | null;
  readonly state: DeploymentState | "open" | "ended" | null;
  readonly limit: number;
  readonly cursor: string | null;
}

/** A deployment and its verdict in force. */
export interface JudgedDeployment {
  readonly record: StoredDeployment;
  readonly verdict: Verdict | null;
}

const judged = sql`${deploymentWithBooking} left join verdict v on v.id = d.verdict_id`;
const judgedRow = z.object({ verdict: z.string().nullable() });

function parseJudged(row: unknown): JudgedDeployment {
  const { verdict } = judgedRow.parse(row);
  return { record: parseDeployment(row), verdict: verdict === null ? null : parseVerdict(verdict) };
}

const cursorKey = z.tuple([instant, z.string()]);

/** Newest request first; the cursor is the last row's (requested_at, id), so rows added meanwhile shift nothing. */
export async function listDeployments(
  client: Queryable,
  filter: DeploymentFilter,
): Promise<{ readonly items: readonly JudgedDeployment[]; readonly next: string | null }> {
  const key = filter.cursor === null ? null : cursorKey.safeParse(decodeCursor(filter.cursor));
  if (key !== null && !key.success) return { items: [], next: null };
  const { environment, service, state, limit } = filter;
  const after = key === null ? sql`true` : sql`(d.requested_at, d.id) < (${toTimestamp(key.data[0])}, ${key.data[1]})`;
  // The page is cut before the joins: booking and verdict are read for its rows only, whatever the planner expects.
  const page = sql`select * from deployment d
    where ${after} and ${inState(state)}
      and (${environment}::text is null or d.environment = ${environment})
      and (${service}::text is null or d.service = ${service})
    order by d.requested_at desc, d.id desc limit ${limit + 1}`;
  const found = await query(
    client,
    sql`select ${deploymentColumns}, v.verdict from (${page}) d
        join booking b on b.id = d.booking_id left join verdict v on v.id = d.verdict_id
        order by d.requested_at desc, d.id desc`,
    parseJudged,
  );
  const items = found.slice(0, limit);
  const last = items.at(-1)?.record;
  const next = found.length > limit && last !== undefined ? encodeCursor([last.requestedAt.toString(), last.id]) : null;
  return { items, next };
}

function inState(state: DeploymentFilter["state"]) {
  if (state === null) return sql`true`;
  if (state === "open") return sql`d.ended_at is null`;
  return state === "ended" ? sql`d.ended_at is not null` : sql`d.state = ${state}`;
}

export async function findJudged(client: Queryable, id: DeploymentId): Promise<JudgedDeployment | null> {
  return queryOne(client, sql`select ${deploymentColumns}, v.verdict from ${judged} where d.id = ${id}`, parseJudged);
}

/** Most deployments that an inbox shows; who has more should work from the list. */
const maxUndecided = 200;

/** Waiting, requested by others, and not decided by this person for its present content; the oldest first. */
export async function undecidedBy(client: Queryable, person: string): Promise<readonly JudgedDeployment[]> {
  return query(
    client,
    sql`select ${deploymentColumns}, v.verdict from ${judged}
        where d.state = 'waiting' and b.requested_by <> ${person}
          and (not exists (select from approval a where a.content_digest = b.content_digest and a.person = ${person})
            or exists (select from jsonb_array_elements(v.verdict::jsonb -> 'findings') f
              where f ->> 'rule' = 'freeze-in-force' and f -> 'remedies' @> '[{"kind": "approve"}]'))
        order by d.requested_at, d.id limit ${maxUndecided}`,
    parseJudged,
  );
}

/** Most open deployments that the matrix shows. */
const maxOpen = 5_000;

/** Deployments that were open at an instant; those that have ended since are shown as they stood then. */
export async function openAt(client: Queryable, at: Temporal.Instant): Promise<readonly StoredDeployment[]> {
  const then = toTimestamp(at);
  const found = await query(
    client,
    sql`select ${deploymentColumns} from ${deploymentWithBooking}
        where d.requested_at <= ${then} and coalesce(d.ended_at, 'infinity'::timestamptz) > ${then}
        order by d.requested_at desc, d.id desc limit ${maxOpen}`,
    parseDeployment,
  );
  return found.map((deployment) => asOf(deployment, at));
}

/**
 * What can be said of a deployment at an instant before its end: it ran when it had started, and waited before. Shares
 * of traffic are not kept over time, so a former one is shown as none.
 */
function asOf(deployment: StoredDeployment, at: Temporal.Instant): StoredDeployment {
  if (deployment.endedAt === null) return deployment;
  const hadStarted = deployment.startedAt !== null && Temporal.Instant.compare(deployment.startedAt, at) <= 0;
  return {
    ...deployment,
    state: hadStarted ? "running" : "waiting",
    startedAt: hadStarted ? deployment.startedAt : null,
    endedAt: null,
    outcome: null,
    percent: 0,
  };
}

/** Place among the queued of an environment, from 1, and who is before all of them; null when it is not queued. */
export async function queuePlace(
  client: Queryable,
  deployment: Pick<StoredDeployment, "id" | "subject">,
): Promise<{
  readonly position: number;
  readonly holder: string | null;
  readonly expectedTo: Temporal.Instant | null;
} | null> {
  const { environment } = deployment.subject;
  const place = await queryOne(
    client,
    sql`select 1 + (select count(*) from deployment other
                    where other.state = 'queued' and other.environment = ${environment}
                      and other.queue_order < d.queue_order) as position
        from deployment d where d.id = ${deployment.id} and d.state = 'queued'`,
    z.object({ position: whole }),
  );
  if (place === null) return null;
  const lock = await findLock(client, environmentLock(environment));
  return { position: place.position, holder: lock?.holder ?? null, expectedTo: lock?.until ?? null };
}
