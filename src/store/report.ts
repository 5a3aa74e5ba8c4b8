import { z } from "zod";
import type { Decoder } from "#core/policy/decode.ts";
import { decodeReport } from "#core/release/report-codec.ts";
import { addressOf, type Report, type ReportAddress, type ReportKind, reportKinds } from "#core/release/report.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { instant, toTimestamp, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

/** A report as it was received; `report.record.at` is the instant of its source. */
export interface StoredReport {
  readonly id: string;
  readonly report: Report;
  readonly receivedAt: Temporal.Instant;
  /** Person, and the account that was used. */
  readonly by: string;
  readonly account: string;
}

const row = z
  .object({
    seq: whole,
    id: z.string(),
    kind: z.enum(reportKinds),
    at: instant,
    received_at: instant,
    report: z.unknown(),
    reported_by: z.string(),
    account: z.string(),
  })
  .transform((read) => ({
    seq: read.seq,
    id: read.id,
    at: read.at,
    report: parseReport(read.kind, read.report),
    receivedAt: read.received_at,
    by: read.reported_by,
    account: read.account,
  }));

/** Throws for what no version has written. */
export function parseReport(kind: ReportKind, stored: unknown): Report {
  const decoded = decodeReport(kind, stored);
  if (!decoded.ok) throw new Error(`a stored report of kind ${kind} cannot be read: ${decoded.error.message}`);
  return decoded.value;
}

/** The same with a decoder of the core, for a value inside a selection. */
export function storedAs<T>(decoder: Decoder<T>): z.ZodType<T> {
  return z.unknown().transform((value) => decoder(value, "$"));
}

/** The newest report of the key: what counted before the one at hand. */
export async function newestReport(
  client: Queryable,
  kind: ReportKind,
  { key }: Pick<ReportAddress, "key">,
): Promise<StoredReport | null> {
  return queryOne(
    client,
    sql`select * from report where kind = ${kind} and key = ${key} order by at desc, seq desc limit 1`,
    row,
  );
}

/** The report with exactly this content, of the same instant, that was stored before. */
export async function sameReport(client: Queryable, report: Report): Promise<StoredReport | null> {
  const { key } = addressOf(report);
  return queryOne(
    client,
    sql`select * from report
        where kind = ${report.kind} and key = ${key} and at = ${toTimestamp(report.record.at)}
          and report = ${JSON.stringify(report.record)}::jsonb
        order by seq limit 1`,
    row,
  );
}

/** Keys of the subject beside the one named, up to the limit. */
export async function countKeys(client: Queryable, report: Report, limit: number): Promise<number> {
  const { key, subject } = addressOf(report);
  const found = await queryOne(
    client,
    sql`select count(*) as keys from (
          select distinct key from report where kind = ${report.kind} and subject = ${subject} and key <> ${key}
          limit ${limit}) k`,
    z.object({ keys: whole }),
  );
  return found?.keys ?? 0;
}

/** One at a time for a subject, at any isolation level: what is newest is decided by one after the other. */
export async function lockSubject(client: Queryable, report: Report): Promise<void> {
  const { subject } = addressOf(report);
  await execute(
    client,
    sql`select pg_advisory_xact_lock(hashtext('report'), hashtext(${`${report.kind} ${subject}`}))`,
  );
}

/** The instant of the report is not after `receivedAt`. */
export async function insertReport(client: Queryable, entry: StoredReport): Promise<void> {
  const { report } = entry;
  const { key, subject, digest, services, environments, outcome } = addressOf(report);
  await execute(
    client,
    sql`insert into report (id, kind, key, subject, digest, services, environments, outcome, at, received_at, report,
                            reported_by, account)
        values (${entry.id}, ${report.kind}, ${key}, ${subject}, ${digest}, ${services}, ${environments}, ${outcome},
                ${toTimestamp(report.record.at)}, ${toTimestamp(entry.receivedAt)}, ${JSON.stringify(report.record)},
                ${entry.by}, ${entry.account})`,
  );
}

export async function speakerOf(client: Queryable, source: string): Promise<string | null> {
  const read = z.object({ account: z.string() });
  return (await queryOne(client, sql`select account from report_source where name = ${source}`, read))?.account ?? null;
}

/** A name that has an account keeps it; the account that it has now. */
export async function claimSource(
  client: Queryable,
  source: string,
  account: string,
  at: Temporal.Instant,
): Promise<string> {
  await execute(
    client,
    sql`insert into report_source (name, account, since) values (${source}, ${account}, ${toTimestamp(at)})
        on conflict (name) do nothing`,
  );
  const owner = await speakerOf(client, source);
  if (owner === null) throw new Error(`the source ${source} was claimed and is not there`);
  return owner;
}

export interface ReportFilter {
  readonly kind: ReportKind;
  /** Of a ticket: any of the services that it names. */
  readonly service: string | null;
  readonly digest: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

const cursorKey = z.tuple([instant, z.int()]);

/** Newest first; the cursor is the last row's (at, seq), so rows added meanwhile shift nothing. */
export async function listReports(
  client: Queryable,
  { kind, service, digest, limit, cursor }: ReportFilter,
): Promise<{ readonly items: readonly StoredReport[]; readonly next: string | null }> {
  const key = cursor === null ? null : cursorKey.safeParse(decodeCursor(cursor));
  if (key !== null && !key.success) return { items: [], next: null };
  const after = key === null ? sql`true` : sql`(at, seq) < (${toTimestamp(key.data[0])}::timestamptz, ${key.data[1]})`;
  const ofService = kind === "ticket" ? sql`services @> array[${service}]::text[]` : sql`services[1] = ${service}`;
  const found = await query(
    client,
    sql`select * from report
        where kind = ${kind} and ${after} and ${service === null ? sql`true` : ofService}
          and ${digest === null ? sql`true` : sql`digest = ${digest}`}
        order by at desc, seq desc limit ${limit + 1}`,
    row,
  );
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const next = found.length > limit && last !== undefined ? encodeCursor([last.at.toString(), last.seq]) : null;
  return { items, next };
}
