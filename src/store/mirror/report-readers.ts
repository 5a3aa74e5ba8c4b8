import { z } from "zod";
import * as codec from "#core/policy/reports-codec.ts";
import type { ReportKind } from "#core/release/report.ts";
import { signalRow } from "#store/fact-reports.ts";
import { storedHolds, storedStops } from "#store/hold.ts";
import { storedAs } from "#store/report.ts";
import { sql, type Statement } from "#store/sql.ts";
import { among, defineReader, type Keys } from "./shelf.ts";

/* What others report, as it stands now: of each key the newest report. */

/** Keyed by the parts of what a verdict asks by. */
function newest(kind: ReportKind, keys: Keys, parts: Statement): Statement {
  const asked = keys?.map((each) => [subjectOf(kind, each)]) ?? null;
  return sql`select ${parts} as key, n.report as row from (
      select distinct on (r.key) r.key, r.subject, r.report from report r ${among(asked, sql`r.subject`)}
      where r.kind = ${kind} order by r.key, r.at desc, r.seq desc) n order by n.key`;
}

/** As `addressOf` of the core makes it. */
function subjectOf(kind: ReportKind, parts: readonly string[]): string {
  return kind === "risk-score" ? JSON.stringify(parts) : (parts[0] ?? "");
}

const bySubject = sql`array[n.subject]`;
const byPlace = sql`array[n.report ->> 'service', n.report ->> 'version', n.report ->> 'environment']`;

const evidenceRow = storedAs(codec.evidence);
export const evidence = defineReader({
  shelf: "evidence",
  select: (keys) => newest("evidence", keys, bySubject),
  parse: (row) => evidenceRow.parse(row),
});

const verificationRow = storedAs(codec.verification);
export const verifications = defineReader({
  shelf: "verifications",
  select: (keys) => newest("verification", keys, bySubject),
  parse: (row) => verificationRow.parse(row),
});

const budgetRow = storedAs(codec.errorBudget);
export const errorBudgets = defineReader({
  shelf: "errorBudgets",
  select: (keys) => newest("error-budget", keys, bySubject),
  parse: (row) => budgetRow.parse(row),
});

const scoreRow = storedAs(codec.riskScore);
export const riskScores = defineReader({
  shelf: "riskScores",
  select: (keys) => newest("risk-score", keys, byPlace),
  parse: (row) => scoreRow.parse(row),
});

const recoveryRow = storedAs(codec.recovery);
export const recoveries = defineReader({
  shelf: "recoveries",
  select: (keys) => newest("recovery", keys, bySubject),
  parse: (row) => recoveryRow.parse(row),
});

const ticketRow = storedAs(codec.ticket);
/** A ticket stands under each service that it names now; it may once have named others. */
export const tickets = defineReader({
  shelf: "tickets",
  select: (keys) => {
    const asked = (keys ?? []).map(([service]) => service ?? "");
    const naming = sql`and r.key in (select o.key from report o
      where o.kind = 'ticket' and o.services && ${asked}::text[])`;
    return sql`select array[s.name] as key, n.report as row from (
        select distinct on (r.key) r.key, r.services, r.report, r.at from report r
        where r.kind = 'ticket' ${keys === null ? sql`` : naming} order by r.key, r.at desc, r.seq desc) n
      cross join unnest(n.services) s(name)
      where ${keys === null ? sql`true` : sql`s.name = any(${asked}::text[])`} order by n.at desc, n.key`;
  },
  parse: (row) => ticketRow.parse(row),
});

export const signals = defineReader({
  shelf: "signals",
  select: (keys) => {
    const asked = keys?.map(([service]) => service ?? "");
    const condition = asked === undefined ? sql`true` : sql`r.subject = any(${asked}::text[])`;
    return sql`select array[s.service] as key, to_jsonb(s) as row from (${signalsThat(condition)}) s
      order by s.service, s.environment nulls first, s.source`;
  },
  parse: (row) => signalRow.parse(row),
});

/** Since when each source has said the same, and what it said before. */
function signalsThat(condition: Statement): Statement {
  return sql`select n.report ->> 'service' as service, n.report ->> 'environment' as environment, n.outcome as status,
      n.report ->> 'source' as source, n.report ->> 'ref' as ref, b.outcome as before,
      n.report ->> 'freshUntil' as fresh_until,
      (select min(r.at) from report r
        where r.kind = 'signal' and r.key = n.key and r.at > coalesce(b.at, '-infinity'::timestamptz)) as since
    from (
      select distinct on (r.key) r.key, r.report, r.outcome, r.at from report r
      where r.kind = 'signal' and ${condition} order by r.key, r.at desc, r.seq desc) n
    left join lateral (
      select r.outcome, r.at from report r
      where r.kind = 'signal' and r.key = n.key and r.outcome <> n.outcome
      order by r.at desc, r.seq desc limit 1) b on true`;
}

/** Kept as a whole: under one key, the empty one. */
const whole = sql`array['']::text[]`;

export const holds = defineReader({
  shelf: "holds",
  select: () =>
    sql`select ${whole} as key, to_jsonb(r) as row from hold r where r.ended_at is null order by r.since, r.id`,
  parse: (row) => storedHolds.element.parse(row),
});

export const stops = defineReader({
  shelf: "stops",
  select: () =>
    sql`select ${whole} as key, to_jsonb(r) as row from stop r where r.ended_at is null order by r.since, r.id`,
  parse: (row) => storedStops.element.parse(row),
});

/** What a report is about, by its number: the keys of the shelf that it belongs to. */
export const reportAddress = z.object({
  kind: z.enum(["evidence", "verification", "ticket", "error-budget", "risk-score", "signal", "recovery"]),
  subject: z.string(),
  services: z.array(z.string()),
});
