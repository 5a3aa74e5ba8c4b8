import { z } from "zod";
import { risks } from "#core/calendar/advice/risk.ts";
import { changeActions, changeClasses, invokers } from "#core/catalog/scope.ts";
import type { BookingId, DeploymentId, VerdictId } from "#core/id.ts";
import type { Subject } from "#core/policy/facts.ts";
import type { Span } from "#core/span.ts";
import { deploymentStates, type DeploymentState } from "#core/rollout/state.ts";
import { bookingId, decimal, deploymentId, instant, toTimestamp, toTimestampOrNull, verdictId, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

/*
 * waiting → queued → running → one of the ended states; waiting and queued may end directly. A row changes only from
 * the state that its caller has seen, and an ended row keeps its state: the database refuses everything else.
 */

/** A deployment with its booking, as it is stored. */
export interface StoredDeployment {
  readonly id: DeploymentId;
  readonly booking: BookingId;
  readonly subject: Subject;
  readonly digest: string;
  readonly contentDigest: string;
  readonly state: DeploymentState;
  readonly whenBlocked: "wait" | "fail";
  readonly verdict: VerdictId | null;
  readonly nextCheckAt: Temporal.Instant | null;
  readonly requestedAt: Temporal.Instant;
  readonly startedAt: Temporal.Instant | null;
  readonly endedAt: Temporal.Instant | null;
  readonly control: string | null;
  readonly fence: number | null;
  readonly percent: number;
  readonly outcome: string | null;
  readonly abortRequestedBy: string | null;
  readonly requestKey: string | null;
  readonly run: string | null;
  readonly held: string | null;
}

/** Absent means unchanged. */
export interface StoredChange {
  readonly verdict?: VerdictId;
  readonly nextCheckAt?: Temporal.Instant | null;
  readonly startedAt?: Temporal.Instant;
  readonly endedAt?: Temporal.Instant;
  readonly control?: string | null;
  readonly fence?: number;
  readonly percent?: number;
  readonly outcome?: string;
  readonly abortRequestedBy?: string;
  readonly run?: string;
  readonly held?: string | null;
}

export const storedSubject = z.strictObject({
  service: z.string(),
  version: z.string(),
  environment: z.string(),
  action: z.enum(changeActions),
  class: z.enum(changeClasses),
  invoker: z.enum(invokers),
  requestedBy: z.string().nullable(),
  contentDigest: z.string().nullable(),
  onBehalfOf: z.string().nullable(),
  risk: z.enum(risks).exactOptional(),
  hasRollbackPlan: z.boolean().exactOptional(),
}) satisfies z.ZodType<Subject>;

/** The columns that `parseDeployment` reads, of `deployment d` and its `booking b`. */
export const deploymentColumns = sql`d.id, d.booking_id, b.subject, d.digest, b.content_digest, d.state, d.when_blocked,
  d.verdict_id, d.next_check_at, d.requested_at, d.started_at, d.ended_at, d.control, d.fence, d.percent, d.outcome,
  d.abort_requested_by, d.request_key, d.run, d.held`;
export const deploymentWithBooking = sql`deployment d join booking b on b.id = d.booking_id`;

const row = z.object({
  id: deploymentId,
  booking_id: bookingId,
  subject: storedSubject,
  digest: z.string(),
  content_digest: z.string(),
  state: z.enum(deploymentStates),
  when_blocked: z.enum(["wait", "fail"]),
  verdict_id: verdictId.nullable(),
  next_check_at: instant.nullable(),
  requested_at: instant,
  started_at: instant.nullable(),
  ended_at: instant.nullable(),
  control: z.string().nullable(),
  fence: whole.nullable(),
  percent: decimal,
  outcome: z.string().nullable(),
  abort_requested_by: z.string().nullable(),
  request_key: z.string().nullable(),
  run: z.string().nullable(),
  held: z.string().nullable(),
});

export function parseDeployment(value: unknown): StoredDeployment {
  const read = row.parse(value);
  return {
    id: read.id,
    booking: read.booking_id,
    subject: read.subject,
    digest: read.digest,
    contentDigest: read.content_digest,
    state: read.state,
    whenBlocked: read.when_blocked,
    verdict: read.verdict_id,
    nextCheckAt: read.next_check_at,
    requestedAt: read.requested_at,
    startedAt: read.started_at,
    endedAt: read.ended_at,
    control: read.control,
    fence: read.fence,
    percent: read.percent,
    outcome: read.outcome,
    abortRequestedBy: read.abort_requested_by,
    requestKey: read.request_key,
    run: read.run,
    held: read.held,
  };
}

/**
 * Booking and deployment together. Throws when nobody asked for it, and when the same version has become open there in
 * the meantime; at repeatable read that is a conflict (40001) and the transaction is run again.
 */
export async function insertDeployment(client: Queryable, deployment: StoredDeployment, planned: Span): Promise<void> {
  const { service, version, environment, requestedBy } = deployment.subject;
  if (requestedBy === null) throw new Error(`the deployment ${deployment.id} has no requester`);
  const requestedAt = toTimestamp(deployment.requestedAt);
  await execute(
    client,
    sql`insert into booking (id, service, version, environment, subject, content_digest, planned_from, planned_to,
                             requested_by, created_at)
        values (${deployment.booking}, ${service}, ${version}, ${environment}, ${JSON.stringify(deployment.subject)},
                ${deployment.contentDigest}, ${toTimestamp(planned.from)}, ${toTimestamp(planned.to)}, ${requestedBy}, ${requestedAt})`,
  );
  const added = await execute(
    client,
    sql`insert into deployment (id, booking_id, service, version, environment, digest, state, when_blocked, verdict_id,
                                next_check_at, requested_at, started_at, ended_at, control, fence, percent, outcome,
                                abort_requested_by, request_key, run, held)
        values (${deployment.id}, ${deployment.booking}, ${service}, ${version}, ${environment}, ${deployment.digest},
                ${deployment.state}, ${deployment.whenBlocked}, ${deployment.verdict},
                ${toTimestampOrNull(deployment.nextCheckAt)}, ${requestedAt}, ${toTimestampOrNull(deployment.startedAt)},
                ${toTimestampOrNull(deployment.endedAt)}, ${deployment.control}, ${deployment.fence},
                ${deployment.percent}, ${deployment.outcome}, ${deployment.abortRequestedBy}, ${deployment.requestKey},
                ${deployment.run}, ${deployment.held})
        on conflict (service, version, environment) where ended_at is null do nothing`,
  );
  if (added !== 1) throw new Error(`${service}@${version} has an open deployment to ${environment}`);
}

export async function findDeployment(client: Queryable, id: DeploymentId): Promise<StoredDeployment | null> {
  const found = sql`select ${deploymentColumns} from ${deploymentWithBooking} where d.id = ${id}`;
  return queryOne(client, found, parseDeployment);
}

/** Locks the row until the transaction ends. */
export async function findDeploymentForUpdate(client: Queryable, id: DeploymentId): Promise<StoredDeployment | null> {
  const found = sql`select ${deploymentColumns} from ${deploymentWithBooking} where d.id = ${id} for update of d`;
  return queryOne(client, found, parseDeployment);
}

/** Throws when the stored state is not `from`: somebody else was faster, or the caller has not looked. */
export async function moveDeployment(
  client: Queryable,
  id: DeploymentId,
  from: DeploymentState,
  to: DeploymentState,
  change: StoredChange,
): Promise<void> {
  if (!(await update(client, id, { from, to }, change))) {
    throw new Error(`the deployment ${id} is not ${from}, so it was not made ${to}`);
  }
}

/**
 * Changes fields and leaves the state. A new `nextCheckAt` counts only while the deployment waits: whoever sets the
 * timer may have been overtaken by a start.
 */
/** Moves the planned span of a booking: its opening is another one than at the last judgement. */
export async function replanBooking(client: Queryable, id: BookingId, planned: Span): Promise<void> {
  const from = toTimestamp(planned.from);
  await execute(
    client,
    sql`update booking set planned_from = ${from}, planned_to = ${toTimestamp(planned.to)} where id = ${id}`,
  );
}

export async function noteDeployment(client: Queryable, id: DeploymentId, change: StoredChange): Promise<void> {
  if (!(await update(client, id, null, change))) throw new Error(`there is no deployment ${id}`);
}

async function update(
  client: Queryable,
  id: DeploymentId,
  move: { readonly from: DeploymentState; readonly to: DeploymentState } | null,
  change: StoredChange,
): Promise<boolean> {
  const from = move?.from ?? null;
  const to = move?.to ?? null;
  const changed = await execute(
    client,
    sql`update deployment set
          state = coalesce(${to}, state),
          verdict_id = coalesce(${change.verdict ?? null}, verdict_id),
          facts_seen = case when ${change.verdict ?? null}::text is null then facts_seen end,
          next_check_at = case when coalesce(${to}, state) <> 'waiting' then null
                               when ${change.nextCheckAt !== undefined}::boolean
                                 then ${toTimestampOrNull(change.nextCheckAt)}::timestamptz
                               else next_check_at end,
          started_at = coalesce(${toTimestampOrNull(change.startedAt)}, started_at),
          ended_at = coalesce(${toTimestampOrNull(change.endedAt)}, ended_at),
          control = case when ${change.control !== undefined}::boolean then ${change.control ?? null} else control end,
          fence = coalesce(${change.fence ?? null}, fence),
          percent = coalesce(${change.percent ?? null}, percent),
          outcome = coalesce(${change.outcome ?? null}, outcome),
          abort_requested_by = coalesce(${change.abortRequestedBy ?? null}, abort_requested_by),
          run = coalesce(${change.run ?? null}, run),
          held = case when ${change.held !== undefined}::boolean then ${change.held ?? null} else held end
        where id = ${id} and (${from}::text is null or state = ${from})`,
  );
  return changed === 1;
}

/** Waiting work whose timer is due, oldest first; what another transaction holds is left to it. */
export async function dueDeployments(
  client: Queryable,
  now: Temporal.Instant,
  limit: number,
): Promise<readonly StoredDeployment[]> {
  return query(
    client,
    sql`select ${deploymentColumns} from ${deploymentWithBooking}
        where d.state = 'waiting' and d.next_check_at <= ${toTimestamp(now)}
        order by d.next_check_at, d.id limit ${limit} for update of d skip locked`,
    parseDeployment,
  );
}

/** There is at most one: a unique index sees to it. */
export async function findOpenDeployment(
  client: Queryable,
  service: string,
  version: string,
  environment: string,
): Promise<StoredDeployment | null> {
  return queryOne(
    client,
    sql`select ${deploymentColumns} from ${deploymentWithBooking}
        where d.service = ${service} and d.version = ${version} and d.environment = ${environment}
          and d.ended_at is null`,
    parseDeployment,
  );
}

/** Open work that the person asked for, or whose artifact he wrote or registered, the newest first. */
export async function openDeploymentsOf(
  client: Queryable,
  person: string,
  limit: number,
): Promise<readonly StoredDeployment[]> {
  return query(
    client,
    sql`select ${deploymentColumns} from ${deploymentWithBooking}
        where d.ended_at is null and (b.requested_by = ${person} or exists (
          select from artifact a where a.service = d.service and a.version = d.version
            and ${person} in (a.author, a.registered_by)))
        order by d.requested_at desc, d.id limit ${limit}`,
    parseDeployment,
  );
}

/** What a request with this account and key made. */
export async function findRequestedDeployment(client: Queryable, requestKey: string): Promise<StoredDeployment | null> {
  return queryOne(
    client,
    sql`select ${deploymentColumns} from ${deploymentWithBooking} where d.request_key = ${requestKey}`,
    parseDeployment,
  );
}

/** Running deployments; one environment runs one, so there are few. */
export async function runningDeployments(client: Queryable): Promise<readonly StoredDeployment[]> {
  return query(
    client,
    sql`select ${deploymentColumns} from ${deploymentWithBooking} where d.state = 'running' order by d.id`,
    parseDeployment,
  );
}
