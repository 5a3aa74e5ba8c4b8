import { z } from "zod";
import { changeActions, changeClasses, invokers } from "#core/catalog/scope.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { dependantsOf, type Upstream, upstreamOf } from "#core/catalog/graph.ts";
import {
  exposureOf,
  type Place,
  placesUsing,
  resourcesOf,
  riskSums,
  type ScoredWork,
  usageOf,
} from "#core/policy/booked-work.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Policy } from "#core/policy/policy.ts";
import * as codec from "#core/policy/reports-codec.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { budgetOf, concerns, scoreOf } from "#core/release/newest.ts";
import { maxKeysPerSubject, type ReportKind, scoreSubject } from "#core/release/report.ts";
import { sequencesOf, servicesBefore } from "#core/release/sequence.ts";
import { heardSignal } from "#core/release/silence.ts";
import { signalStatuses } from "#core/release/state.ts";
import type { Span } from "#core/span.ts";
import { holdsInForce, stopsInForce, storedHolds, storedStops } from "./hold.ts";
import { leftAt, storedPassed } from "./passed-stage.ts";
import { storedAs } from "./report.ts";
import { decimal, instant, toTimestamp } from "./row.ts";
import { sql, type Statement } from "./sql.ts";

/*
 * The facts that others report, and what follows from bookings and policies: parts of the one statement of `facts.ts`.
 */

/**
 * More than anybody keeps; beyond `holds`, `stops`, `signals`, `exposure` and `usage` loading fails, and what cannot be
 * judged does not go. Of tickets and passed stages the newest are looked at.
 */
export const reportLimits = {
  holds: 500,
  stops: 20,
  signals: 5_000,
  tickets: 200,
  passed: 500,
  exposure: 5_000,
  usage: 2_000,
} as const;

/** What has to be read for a subject, as its configuration says. */
export interface Wanted {
  readonly upstream: readonly Upstream[];
  readonly dependants: Facts["dependants"];
  readonly sequences: Facts["sequences"];
  /** The service and those of which something goes before it in one of those; empty where there is none. */
  readonly before: readonly string[];
  readonly policies: readonly Policy[];
  readonly resources: ReadonlySet<string>;
  /** Where work may use one of the resources. */
  readonly places: readonly Place[];
  readonly sums: ReturnType<typeof riskSums>;
}

/** Nothing is read that no policy counts, so that a plain installation pays nothing for them. */
export function wantedFor(organisation: Organisation, subject: Subject): Wanted {
  const { services, environments, policies } = organisation;
  const scope = subjectScope({
    subject,
    service: services.get(subject.service) ?? null,
    environment: environments.get(subject.environment) ?? null,
  });
  const resources = scope === null ? new Set<string>() : resourcesOf(policies, scope);
  const sequences = sequencesOf(organisation.sequences, subject.service, subject.environment);
  return {
    upstream: upstreamOf(services, subject.service),
    dependants: dependantsOf(services, subject.service),
    sequences,
    before: [...servicesBefore(sequences, subject.service)],
    policies,
    resources,
    places: placesUsing(policies, resources, organisation),
    sums: scope === null ? new Set() : riskSums(policies, scope),
  };
}

const list = <T extends z.ZodType>(item: T, most: number): z.ZodArray<T> => z.array(item).max(most);

const usedRow = z.object({
  booking: z.string(),
  service: z.string(),
  environment: z.string(),
  class: z.enum(changeClasses),
  action: z.enum(changeActions),
  invoker: z.enum(invokers),
  from: instant,
  to: instant,
});

export const signalRow = z
  .object({
    service: z.string(),
    environment: z.string().nullable(),
    status: z.enum(signalStatuses),
    since: instant,
    before: z.enum(signalStatuses).nullable(),
    source: z.string(),
    ref: z.string().nullable(),
    fresh_until: instant.nullable(),
  })
  .transform(({ before, source, ref, fresh_until: freshUntil, ...signal }) => ({
    ...signal,
    clearedFrom: signal.status === "ok" && before !== "ok" ? before : null,
    event: ref === null ? source : `${source} ${ref}`,
    ...(freshUntil === null ? {} : { freshUntil, source }),
  }));

/** The columns of `reportColumns`. */
export const reportRow = {
  evidence: list(storedAs(codec.evidence), maxKeysPerSubject),
  verifications: list(storedAs(codec.verification), maxKeysPerSubject),
  tickets: z.array(storedAs(codec.ticket)),
  budgets: list(storedAs(codec.errorBudget), maxKeysPerSubject),
  scores: list(storedAs(codec.riskScore), maxKeysPerSubject),
  recoveries: list(storedAs(codec.recovery), maxKeysPerSubject),
  signals: list(signalRow, reportLimits.signals),
  holds: storedHolds.max(reportLimits.holds),
  stops: storedStops.max(reportLimits.stops),
  passed: z.array(storedPassed),
  used: list(usedRow, reportLimits.usage),
  scored: list(
    z.object({
      booking: z.string(),
      service: z.string(),
      environment: z.string(),
      from: instant,
      score: decimal,
    }),
    reportLimits.exposure,
  ),
};

const row = z.object(reportRow);
export type ReadReports = z.output<typeof row>;

/** The columns of `reportRow`, of a selection from nothing. */
export function reportColumns(subject: Subject, span: Span, wanted: Wanted): Statement {
  const at = toTimestamp(span.from);
  const { service, version, environment } = subject;
  const digest = sql`(select a.digest from artifact a
    where a.service = ${service} and a.version = ${version} and a.registered_at <= ${at})`;
  const near = [service, ...wanted.upstream.map((each) => each.service)];
  return sql`
    ${newestOf("evidence", digest, at)} as evidence,
    ${newestOf("verification", digest, at)} as verifications,
    ${ticketsOf(service, at)} as tickets,
    ${newestOf("error-budget", sql`${service}::text`, at)} as budgets,
    ${newestOf("risk-score", sql`${scoreSubject({ service, version, environment })}::text`, at)} as scores,
    ${newestOf("recovery", sql`${service}::text`, at)} as recoveries,
    ${signalsOf(near, at)} as signals,
    ${holdsInForce(at, reportLimits.holds + 1)} as holds,
    ${stopsInForce(at, reportLimits.stops + 1)} as stops,
    ${passedBy(digest, at)} as passed,
    ${usedBy(subject, span, wanted)} as used,
    ${scoredIn(subject, span, wanted)} as scored`;
}

/** What the reports and bookings say, as facts. */
export function reportFacts(
  read: ReadReports,
  subject: Subject,
  wanted: Wanted,
  organisation: Organisation,
  at: Temporal.Instant,
): Pick<
  Facts,
  | "policies"
  | "upstream"
  | "dependants"
  | "evidence"
  | "verifications"
  | "tickets"
  | "errorBudget"
  | "riskScore"
  | "recovery"
  | "signals"
  | "holds"
  | "stops"
  | "passed"
  | "usage"
  | "exposure"
> {
  const { policies, upstream, dependants, resources, sums } = wanted;
  const scope = subjectScope({
    subject,
    service: organisation.services.get(subject.service) ?? null,
    environment: organisation.environments.get(subject.environment) ?? null,
  });
  return {
    policies,
    upstream,
    dependants,
    evidence: read.evidence,
    verifications: read.verifications,
    tickets: read.tickets.filter((ticket) => concerns(ticket, subject)),
    errorBudget: budgetOf(read.budgets, subject.environment, at),
    riskScore: scoreOf(read.scores),
    recovery: read.recoveries.filter(({ environment }) => environment === subject.environment),
    signals: read.signals
      .filter(({ environment }) => environment === null || environment === subject.environment)
      .map((signal) => heardSignal(signal, at)),
    holds: read.holds,
    stops: read.stops,
    passed: read.passed,
    usage: usageOf(policies, resources, read.used, organisation),
    exposure: scope === null ? [] : exposureOf(sums, scope, read.scored satisfies readonly ScoredWork[], organisation),
  };
}

/** Of each key of the subject the newest report that had been received by then. */
function newestOf(kind: ReportKind, subject: Statement, at: string): Statement {
  return sql`(select coalesce(jsonb_agg(n.report order by k.key), '[]')
      from (${keysOf(kind, subject, maxKeysPerSubject + 1)}) k
      cross join lateral (${newestOfKey(kind, at)}) n)`;
}

/** The keys under which the subject was reported on, one step through the index each, however many reports there are. */
function keysOf(kind: ReportKind, subject: Statement, limit: number): Statement {
  return sql`with recursive keys as (
      (select r.key from report r where r.kind = ${kind} and r.subject = ${subject} order by r.key limit 1)
      union all
      select (select r.key from report r where r.kind = ${kind} and r.subject = ${subject} and r.key > keys.key
        order by r.key limit 1)
      from keys where keys.key is not null)
    select keys.key from keys where keys.key is not null limit ${limit}`;
}

/** Of the key `k.key`; no report is of an instant after it was received, so the index leads there for the past too. */
function newestOfKey(kind: ReportKind, at: string): Statement {
  return sql`select r.report, r.outcome, r.at from report r
    where r.kind = ${kind} and r.key = k.key and r.at <= ${at} and r.received_at <= ${at}
    order by r.at desc, r.seq desc limit 1`;
}

/** The tickets that named the service last, each as it stands now: it may name the service no longer. */
function ticketsOf(service: string, at: string): Statement {
  return sql`(select coalesce(jsonb_agg(t.report order by t.at desc, t.key), '[]') from (
      select n.report, n.at, k.key from (
        select r.key from report r
        where r.kind = 'ticket' and r.services @> array[${service}]::text[] and r.received_at <= ${at}
        group by r.key order by max(r.at) desc limit ${reportLimits.tickets}) k
      cross join lateral (
        select r.report, r.at from report r where r.kind = 'ticket' and r.key = k.key and r.received_at <= ${at}
        order by r.at desc, r.seq desc limit 1) n) t)`;
}

/** Since when each source has said the same of the services, and what it said before. */
function signalsOf(services: readonly string[], at: string): Statement {
  return sql`(select coalesce(jsonb_agg(to_jsonb(s) order by s.service, s.environment nulls first, s.source), '[]') from (
      select n.report ->> 'service' as service, n.report ->> 'environment' as environment, n.outcome as status,
        n.report ->> 'source' as source, n.report ->> 'ref' as ref, b.outcome as before,
        n.report ->> 'freshUntil' as fresh_until,
        (select min(r.at) from report r
          where r.kind = 'signal' and r.key = k.key and r.received_at <= ${at}
            and r.at > coalesce(b.at, '-infinity'::timestamptz)) as since
      from unnest(${services}::text[]) s(name)
      cross join lateral (${keysOf("signal", sql`s.name`, maxKeysPerSubject + 1)}) k
      cross join lateral (${newestOfKey("signal", at)}) n
      left join lateral (
        select o.outcome, r.at from unnest(${[...signalStatuses]}::text[]) o(outcome)
        cross join lateral (
          select r.at from report r
          where r.kind = 'signal' and r.key = k.key and r.outcome = o.outcome and r.at <= ${at} and r.received_at <= ${at}
          order by r.at desc limit 1) r
        where o.outcome <> n.outcome order by r.at desc limit 1) b on true
      limit ${reportLimits.signals + 1}) s)`;
}

/** The last successful deployment of the digest in each environment. */
function passedBy(digest: Statement, at: string): Statement {
  return sql`(select coalesce(jsonb_agg(to_jsonb(p) order by p.environment), '[]') from (
      select distinct on (d.environment) d.environment, d.digest, d.id as deployment, d.ended_at as since,
        ${leftAt} as until
      from deployment d where d.state = 'succeeded' and d.digest = ${digest} and d.ended_at <= ${at}
      order by d.environment, d.ended_at desc limit ${reportLimits.passed}) p)`;
}

const nothing = sql`'[]'::jsonb`;

/** Open bookings of others, wherever work may use a resource of the subject. */
function usedBy(subject: Subject, { from, to }: Span, { places }: Wanted): Statement {
  if (places.length === 0) return nothing;
  const at = toTimestamp(from);
  return sql`(select coalesce(jsonb_agg(to_jsonb(u) order by u."from", u.booking), '[]') from (
      select b.id as booking, d.service, d.environment, b.subject ->> 'class' as class, b.subject ->> 'action' as action,
        b.subject ->> 'invoker' as invoker, b.planned_from as "from", b.planned_to as "to"
      from unnest(${places.map(({ service }) => service)}::text[], ${places.map(({ environment }) => environment)}::text[])
        p(service, environment)
      join deployment d on d.service = p.service and d.environment = p.environment
        and coalesce(d.ended_at, 'infinity'::timestamptz) > ${at}
      join booking b on b.id = d.booking_id
      where d.requested_at <= ${at} and b.planned_from < ${toTimestamp(to)} and ${isOthers(subject)}
      limit ${reportLimits.usage + 1}) u)`;
}

/** A local day of any zone that holds the instant begins less than this before it. */
const dayBefore = { hours: 25 } as const;

/**
 * Work of others planned from a day before to the horizon, with the highest score of its sources: what is open, and what
 * has run. What never started spends nothing.
 */
function scoredIn(subject: Subject, { from, to }: Span, { sums }: Wanted): Statement {
  if (sums.size === 0) return nothing;
  const at = toTimestamp(from);
  const here = sums.size === 1 && sums.has("environment");
  return sql`(select coalesce(jsonb_agg(to_jsonb(x) order by x."from", x.booking), '[]') from (
      select b.id as booking, b.service, b.environment, b.planned_from as "from", max(n.score) as score
      from booking b join deployment d on d.booking_id = b.id
      cross join lateral (
        select distinct on (r.key) (r.report ->> 'score')::numeric as score from report r
        where r.kind = 'risk-score' and r.received_at <= ${at}
          and r.subject = ${subjectOfScore}
        order by r.key, r.at desc, r.seq desc) n
      where b.planned_from >= ${toTimestamp(from.subtract(dayBefore))} and b.planned_from < ${toTimestamp(to)}
        and ${here ? sql`b.environment = ${subject.environment}` : sql`true`}
        and d.requested_at <= ${at} and (d.started_at is not null or d.ended_at is null or d.ended_at > ${at})
        and ${isOthers(subject)}
      group by b.id, b.service, b.environment, b.planned_from
      limit ${reportLimits.exposure + 1}) x)`;
}

/** As `scoreSubject` writes it; names and versions hold nothing that JSON escapes. */
const subjectOfScore = sql`'["' || b.service || '","' || b.version || '","' || b.environment || '"]'`;

function isOthers({ onBehalfOf }: Subject): Statement {
  return onBehalfOf === null ? sql`true` : sql`${onBehalfOf} not in (d.id, b.id)`;
}
