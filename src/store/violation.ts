import { z } from "zod";
import type { ServicePlace } from "#core/catalog/place.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { instant, toTimestamp } from "./row.ts";
import { execute, query, sql, type Queryable } from "./sql.ts";

/** A version that was live where nothing had brought it. */
export interface StoredViolation extends ServicePlace {
  readonly id: string;
  readonly seen: { readonly version: string; readonly digest: string };
  readonly recorded: { readonly version: string; readonly digest: string };
  readonly firstSeenAt: Temporal.Instant;
  readonly lastSeenAt: Temporal.Instant;
  readonly endedAt: Temporal.Instant | null;
}

const row = z
  .object({
    id: z.string(),
    service: z.string(),
    environment: z.string(),
    seen_version: z.string(),
    seen_digest: z.string(),
    recorded_version: z.string(),
    recorded_digest: z.string(),
    first_seen_at: instant,
    last_seen_at: instant,
    ended_at: instant.nullable(),
  })
  .transform((read): StoredViolation => ({
    id: read.id,
    service: read.service,
    environment: read.environment,
    seen: { version: read.seen_version, digest: read.seen_digest },
    recorded: { version: read.recorded_version, digest: read.recorded_digest },
    firstSeenAt: read.first_seen_at,
    lastSeenAt: read.last_seen_at,
    endedAt: read.ended_at,
  }));

/** Those that are still open at these places. */
export async function openViolations(
  client: Queryable,
  places: readonly ServicePlace[],
): Promise<readonly StoredViolation[]> {
  return query(
    client,
    sql`select v.* from violation v
        join unnest(${places.map(({ service }) => service)}::text[],
                    ${places.map(({ environment }) => environment)}::text[]) as w(service, environment)
          on w.service = v.service and w.environment = v.environment
        where v.ended_at is null`,
    row,
  );
}

/** Of two workers that look at the same time one meets a conflict (40001), and looks again. */
export async function insertViolation(client: Queryable, violation: StoredViolation): Promise<void> {
  const { id, service, environment, seen, recorded, firstSeenAt } = violation;
  const at = toTimestamp(firstSeenAt);
  await execute(
    client,
    sql`insert into violation (id, service, environment, seen_version, seen_digest, recorded_version, recorded_digest,
                               first_seen_at, last_seen_at)
        values (${id}, ${service}, ${environment}, ${seen.version}, ${seen.digest}, ${recorded.version},
                ${recorded.digest}, ${at}, ${at})
        on conflict (environment, service) where ended_at is null do nothing`,
  );
}

export async function seeViolationAgain(client: Queryable, id: string, at: Temporal.Instant): Promise<void> {
  await execute(client, sql`update violation set last_seen_at = ${toTimestamp(at)} where id = ${id}`);
}

export async function endViolation(client: Queryable, id: string, at: Temporal.Instant): Promise<void> {
  await execute(client, sql`update violation set ended_at = ${toTimestamp(at)} where id = ${id} and ended_at is null`);
}

const cursorKey = z.tuple([instant, z.string()]);

/** Newest first. */
export async function violationsBefore(
  client: Queryable,
  filter: { readonly state: "open" | "all"; readonly limit: number; readonly cursor: string | null },
): Promise<{ readonly items: readonly StoredViolation[]; readonly next: string | null }> {
  const key = filter.cursor === null ? null : cursorKey.safeParse(decodeCursor(filter.cursor));
  if (key !== null && !key.success) return { items: [], next: null };
  const before = key?.data;
  const place =
    before === undefined
      ? sql`true`
      : sql`(first_seen_at, id) < (${toTimestamp(before[0])}::timestamptz, ${before[1]})`;
  const found = await query(
    client,
    sql`select * from violation where ${place} and (${filter.state} = 'all' or ended_at is null)
        order by first_seen_at desc, id desc limit ${filter.limit + 1}`,
    row,
  );
  const items = found.slice(0, filter.limit);
  const last = items.at(-1);
  if (found.length <= filter.limit || last === undefined) return { items, next: null };
  return { items, next: encodeCursor([last.firstSeenAt.toString(), last.id]) };
}
