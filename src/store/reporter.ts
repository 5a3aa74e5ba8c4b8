import { z } from "zod";
import { instant, toTimestamp, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

const reporterKinds = ["signal", "error-budget"] as const;

export interface ReporterKey {
  readonly kind: (typeof reporterKinds)[number];
  readonly key: string;
}

/** Who reports, and when it was heard last; a trigger on reports keeps it. */
export interface StoredReporter {
  readonly kind: ReporterKey["kind"];
  readonly service: string;
  readonly environment: string | null;
  readonly source: string;
  readonly outcome: string | null;
  readonly heardAt: Temporal.Instant;
  readonly freshUntil: Temporal.Instant | null;
}

const key = z.object({ kind: z.enum(reporterKinds), key: z.string() });

/** Reporters whose promise has ended and whose silence is not on record, the longest silent first, locked. */
export async function silentReporters(
  client: Queryable,
  now: Temporal.Instant,
  limit: number,
): Promise<readonly ReporterKey[]> {
  return query(
    client,
    sql`select kind, key from reporter where fresh_until <= ${toTimestamp(now)} and not is_noted
        order by fresh_until limit ${limit} for update skip locked`,
    key,
  );
}

export async function noteSilent(client: Queryable, reporter: ReporterKey): Promise<void> {
  await execute(
    client,
    sql`update reporter set is_noted = true where kind = ${reporter.kind} and key = ${reporter.key}`,
  );
}

/** More would not be read; the silent ones come first. */
const maxReporters = 500;

const row = z
  .object({
    kind: z.enum(reporterKinds),
    service: z.string(),
    environment: z.string().nullable(),
    source: z.string(),
    outcome: z.string().nullable(),
    heard_at: instant,
    fresh_until: instant.nullable(),
  })
  .transform(({ heard_at: heardAt, fresh_until: freshUntil, ...read }) => ({ ...read, heardAt, freshUntil }));

/** The longest silent first, then those that were not heard of for longest; `left`: how many are not among them. */
export async function listReporters(
  client: Queryable,
  now: Temporal.Instant,
): Promise<{ readonly items: readonly StoredReporter[]; readonly left: number }> {
  const items = await query(
    client,
    sql`select kind, service, environment, source, outcome, heard_at, fresh_until from reporter
        order by coalesce(fresh_until <= ${toTimestamp(now)}, false) desc, heard_at, kind, key limit ${maxReporters}`,
    row,
  );
  const all = await queryOne(client, sql`select count(*) as count from reporter`, z.object({ count: whole }));
  return { items, left: Math.max(0, (all?.count ?? 0) - items.length) };
}
