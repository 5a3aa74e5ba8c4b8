import { z } from "zod";
import type { BookingId, DeploymentId, VerdictId } from "#core/id.ts";
import type { Correction, Earlier } from "#core/policy/correction.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import { outcomes } from "#core/policy/finding.ts";
import { decisions, type Verdict } from "#core/policy/verdict.ts";
import { isSameSpan, type Span } from "#core/span.ts";
import { deploymentWithBooking, storedSubject } from "./deployment.ts";
import { unchangedSince, type Snapshot } from "./fact-change.ts";
import {
  bookingId,
  deploymentId,
  fromMicroseconds,
  instant,
  microseconds,
  toTimestamp,
  toTimestampOrNull,
  verdictId,
} from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";
import { textArray } from "./text-array.ts";
import { newParts, verdictArrays, verdictTexts, type KnownParts } from "./verdict-batch.ts";

/*
 * Waiting work judged again in bulk: one transaction reads hundreds of rows, and writes them back in a few statements.
 */

export interface DueWork {
  readonly id: DeploymentId;
  readonly booking: BookingId;
  readonly subject: Subject;
  readonly verdict: VerdictId | null;
  /** `fingerprint` of the last judgement; null: not known. */
  readonly seen: string | null;
  /** `toldText` of that verdict; null: not known. */
  readonly told: string | null;
  readonly planned: Span;
  /** Its timer. */
  readonly dueAt: Temporal.Instant;
}

/** A place in the order of due work. */
export interface DuePlace {
  readonly at: Temporal.Instant;
  readonly id: DeploymentId;
}

const dueRow = z.object({
  id: deploymentId,
  booking_id: bookingId,
  subject: storedSubject,
  verdict_id: verdictId.nullable(),
  next_check: z.string(),
  facts_seen: z.string().nullable(),
  told: z.string().nullable(),
  planned_from: z.string(),
  planned_to: z.string(),
});

/** Waiting work whose timer is due, oldest first; what another transaction holds is left to it. */
export async function dueWork(
  client: Queryable,
  now: Temporal.Instant,
  after: DuePlace | null,
  limit: number,
): Promise<readonly DueWork[]> {
  return lockedRows(client, sql`${isDue(now)} and ${behind(after)} order by d.next_check_at, d.id limit ${limit}`);
}

/** The same of those only. */
export async function dueAmong(
  client: Queryable,
  now: Temporal.Instant,
  ids: readonly DeploymentId[],
): Promise<readonly DueWork[]> {
  return lockedRows(client, sql`${isDue(now)} and d.id = any(${[...ids]}::text[]) order by d.next_check_at, d.id`);
}

function isDue(now: Temporal.Instant): Statement {
  return sql`d.state = 'waiting' and d.next_check_at <= ${toTimestamp(now)}`;
}

function behind(after: DuePlace | null): Statement {
  return after === null
    ? sql`true`
    : sql`(d.next_check_at, d.id) > (${toTimestamp(after.at)}::timestamptz, ${after.id})`;
}

async function lockedRows(client: Queryable, which: Statement): Promise<readonly DueWork[]> {
  const rows = await query(
    client,
    sql`select d.id, d.booking_id, b.subject, d.verdict_id, ${microseconds(sql`d.next_check_at`)} as next_check,
          d.facts_seen, d.told, ${microseconds(sql`b.planned_from`)} as planned_from,
          ${microseconds(sql`b.planned_to`)} as planned_to
        from ${deploymentWithBooking} where ${which} for update of d skip locked`,
    dueRow,
  );
  return rows.map((row) => ({
    id: row.id,
    booking: row.booking_id,
    subject: row.subject,
    verdict: row.verdict_id,
    seen: row.facts_seen,
    told: toldBy(row.verdict_id, row.told),
    planned: { from: fromMicroseconds(row.planned_from), to: fromMicroseconds(row.planned_to) },
    dueAt: fromMicroseconds(row.next_check),
  }));
}

const outlineRow = z.object({
  id: deploymentId,
  subject: storedSubject,
  verdict_id: verdictId.nullable(),
  told: z.string().nullable(),
  next_check: z.string(),
});

/** As `dueWork`, with as much of it as a glance needs, and without a lock. */
export async function dueOutlines(
  client: Queryable,
  now: Temporal.Instant,
  after: DuePlace | null,
  limit: number,
): Promise<readonly Pick<DueWork, "id" | "subject" | "told" | "dueAt">[]> {
  const rows = await query(
    client,
    sql`select d.id, b.subject, d.verdict_id, d.told, ${microseconds(sql`d.next_check_at`)} as next_check
        from ${deploymentWithBooking} where ${isDue(now)} and ${behind(after)}
        order by d.next_check_at, d.id limit ${limit}`,
    outlineRow,
  );
  return rows.map((row) => ({
    id: row.id,
    subject: row.subject,
    told: toldBy(row.verdict_id, row.told),
    dueAt: fromMicroseconds(row.next_check),
  }));
}

/** Who writes another verdict of the work need not know this column: what it says of another verdict does not count. */
function toldBy(verdict: VerdictId | null, text: string | null): string | null {
  return verdict !== null && text?.startsWith(`${verdict} `) === true ? text.slice(verdict.length + 1) : null;
}

/** True when no fact has changed since the snapshot, as far as this transaction can see. */
export async function isFresh(client: Queryable, snapshot: Snapshot): Promise<boolean> {
  const found = await queryOne(
    client,
    sql`select ${unchangedSince(snapshot)} as fresh`,
    z.object({ fresh: z.boolean() }),
  );
  return found?.fresh === true;
}

const saidOnce = z.object({ id: z.string(), verdict: z.string() });
/** Only what a correction looks at: of hundreds of verdicts the rest would be read for nothing. */
const earlier = z.object({
  verdict: z.enum(decisions),
  nextOpening: instant.nullable(),
  findings: z.array(z.object({ rule: z.string(), outcome: z.enum(outcomes), code: z.string() })),
});

/** What the verdicts of these ids said, by id. */
export async function earlierVerdicts(
  client: Queryable,
  ids: readonly VerdictId[],
): Promise<ReadonlyMap<string, Earlier>> {
  const found = await query(client, sql`select id, verdict from verdict where id = any(${[...ids]}::text[])`, saidOnce);
  return new Map(
    found.map(({ id, verdict: text }) => {
      const { verdict: decision, ...read } = earlier.parse(JSON.parse(text));
      return [id, { decision, ...read }];
    }),
  );
}

/** Timers of work of which nothing else has changed. */
export async function setTimers(
  client: Queryable,
  timers: readonly { readonly id: DeploymentId; readonly nextCheckAt: Temporal.Instant }[],
): Promise<void> {
  if (timers.length === 0) return;
  await execute(
    client,
    sql`update deployment d set next_check_at = u.next_check_at
        from unnest(${timers.map(({ id }) => id)}::text[],
          ${timers.map(({ nextCheckAt }) => toTimestamp(nextCheckAt))}::timestamptz[]) u(id, next_check_at)
        where d.id = u.id and d.state = 'waiting'`,
  );
}

export interface Rejudged {
  readonly work: DueWork;
  readonly id: VerdictId;
  readonly verdict: Verdict;
  readonly facts: Facts;
  readonly seen: string;
  readonly told: string;
  readonly nextCheckAt: Temporal.Instant;
  readonly planned: Span;
  /** null: what was said still holds, or nothing was said. */
  readonly correction: Correction | null;
}

/**
 * Puts the verdicts on record, with timers, planned spans, and who has to be told; the digests of the parts of facts that
 * are stored as soon as the transaction has committed.
 */
export async function saveRejudged(
  client: Queryable,
  rows: readonly Rejudged[],
  known: KnownParts,
): Promise<readonly string[]> {
  if (rows.length === 0) return [];
  const stored = await insertVerdicts(client, rows, known);
  await execute(
    client,
    sql`update deployment d set verdict_id = u.verdict_id, next_check_at = u.next_check_at::timestamptz,
          facts_seen = u.seen, told = u.verdict_id || ' ' || u.told
        from unnest(${textArray(rows.map(({ work }) => work.id))}::text[], ${textArray(rows.map(({ id }) => id))}::text[],
          ${textArray(rows.map(({ nextCheckAt }) => toTimestamp(nextCheckAt)))}::text[],
          ${textArray(rows.map(({ seen }) => seen))}::text[], ${textArray(rows.map(({ told }) => told))}::text[])
          u(id, verdict_id, next_check_at, seen, told)
        where d.id = u.id and d.state = 'waiting'`,
  );
  await movePlanned(client, rows);
  await insertCorrections(client, rows);
  return stored;
}

async function insertVerdicts(
  client: Queryable,
  rows: readonly Rejudged[],
  known: KnownParts,
): Promise<readonly string[]> {
  const bodies = new Map<string, string>();
  const texts = rows.map((row) => verdictTexts(row, known, bodies));
  await execute(
    client,
    sql`insert into fact_part (digest, body)
        select p.digest, p.body from ${newParts(bodies)} order by p.digest on conflict do nothing`,
  );
  await execute(
    client,
    sql`insert into verdict (id, at, gate, deployment_id, service, version, environment, decision, verdict, facts,
                             facts_digest, zone_data)
        select v.id, v.at::timestamptz, 'sweep', v.deployment_id, v.service, v.version, v.environment, v.decision,
               v.verdict, v.facts, v.facts_digest, v.zone_data
        from unnest(${textArray(rows.map(({ id }) => id))}::text[], ${textArray(rows.map(({ work }) => work.id))}::text[],
          ${verdictArrays(texts)})
          v(id, deployment_id, at, service, version, environment, decision, verdict, facts, facts_digest, zone_data)`,
  );
  return [...bodies.keys()];
}

async function movePlanned(client: Queryable, rows: readonly Rejudged[]): Promise<void> {
  const moved = rows.filter(({ work, planned }) => !isSameSpan(work.planned, planned));
  if (moved.length === 0) return;
  await execute(
    client,
    sql`update booking b set planned_from = u.planned_from, planned_to = u.planned_to
        from unnest(${moved.map(({ work }) => work.booking)}::text[],
          ${moved.map(({ planned }) => toTimestamp(planned.from))}::timestamptz[],
          ${moved.map(({ planned }) => toTimestamp(planned.to))}::timestamptz[]) u(id, planned_from, planned_to)
        where b.id = u.id`,
  );
}

/** As `insertNotices` does for one. */
async function insertCorrections(client: Queryable, rows: readonly Rejudged[]): Promise<void> {
  const corrected = rows.flatMap(({ work, id, verdict, correction }) =>
    correction === null ? [] : [{ deployment: work.id, verdict: id, at: verdict.at, correction }],
  );
  if (corrected.length === 0) return;
  await execute(
    client,
    sql`insert into notice (deployment_id, person, at, verdict_id, was, was_opening, now_is, now_opening, because)
        select u.deployment_id, told.person, u.at, u.verdict_id, u.was, u.was_opening, u.now_is, u.now_opening,
               u.because::jsonb
        from unnest(${corrected.map(({ deployment }) => deployment)}::text[],
          ${corrected.map(({ at }) => toTimestamp(at))}::timestamptz[], ${corrected.map(({ verdict }) => verdict)}::text[],
          ${corrected.map(({ correction }) => correction.was.decision)}::text[],
          ${corrected.map(({ correction }) => toTimestampOrNull(correction.was.opensAt))}::timestamptz[],
          ${corrected.map(({ correction }) => correction.is.decision)}::text[],
          ${corrected.map(({ correction }) => toTimestampOrNull(correction.is.opensAt))}::timestamptz[],
          ${corrected.map(({ correction }) => JSON.stringify(correction.because))}::text[])
          u(deployment_id, at, verdict_id, was, was_opening, now_is, now_opening, because)
        cross join lateral (
          select b.requested_by as person from booking b join deployment d on d.booking_id = b.id
          where d.id = u.deployment_id
          union
          select a.person from approval a where a.deployment_id = u.deployment_id) told
        on conflict (verdict_id, person) do nothing`,
  );
}
