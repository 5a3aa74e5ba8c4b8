import { z } from "zod";
import { scopeField, toScope } from "#config/scope-field.ts";
import type { Hold, Stop } from "#core/release/hold.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { instant, toTimestamp, toTimestampOrNull, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/** How a hold or a stop ended before its time. */
export interface Ended {
  readonly at: Temporal.Instant;
  /** Person. */
  readonly by: string;
  readonly reason: string;
}

export interface StoredHold {
  readonly hold: Hold;
  /** null: nobody has lifted it. */
  readonly ended: Ended | null;
}

export interface StoredStop {
  readonly stop: Stop;
  readonly ended: Ended | null;
}

const endedColumns = {
  ended_at: instant.nullable(),
  ended_by: z.string().nullable(),
  end_reason: z.string().nullable(),
};

const holdRow = z
  .object({
    id: z.string(),
    scope: scopeField.transform(toScope),
    reason: z.string(),
    placed_by: z.string(),
    since: instant,
    until: instant.nullable(),
    may_lift: z.string(),
    ...endedColumns,
  })
  .transform(({ id, scope, reason, placed_by: by, since, until, may_lift: liftedBy, ...end }): StoredHold => ({
    hold: { id, scope, reason, by, since, until, liftedBy },
    ended: endedOf(end),
  }));

const stopRow = z
  .object({
    id: z.string(),
    reason: z.string(),
    stopped_by: z.string(),
    since: instant,
    until: instant.nullable(),
    allows_roll_back: z.boolean(),
    ...endedColumns,
  })
  .transform(({ id, reason, stopped_by: by, since, until, allows_roll_back: allowsRollBack, ...end }): StoredStop => ({
    stop: { id, reason, by, since, until, allowsRollBack },
    ended: endedOf(end),
  }));

function endedOf(row: {
  readonly ended_at: Temporal.Instant | null;
  readonly ended_by: string | null;
  readonly end_reason: string | null;
}): Ended | null {
  const { ended_at: at, ended_by: by, end_reason: reason } = row;
  return at === null || by === null || reason === null ? null : { at, by, reason };
}

/** Rows of the jsonb of `holdsInForce` and `stopsInForce`. */
export const storedHolds = z.array(holdRow.transform(({ hold }) => hold));
export const storedStops = z.array(stopRow.transform(({ stop }) => stop));

export async function insertHold(client: Queryable, hold: Hold): Promise<void> {
  await execute(
    client,
    sql`insert into hold (id, scope, reason, placed_by, since, until, may_lift)
        values (${hold.id}, ${JSON.stringify(hold.scope)}, ${hold.reason}, ${hold.by}, ${toTimestamp(hold.since)},
                ${toTimestampOrNull(hold.until)}, ${hold.liftedBy})`,
  );
}

export async function insertStop(client: Queryable, stop: Stop): Promise<void> {
  await execute(
    client,
    sql`insert into stop (id, reason, stopped_by, since, until, allows_roll_back)
        values (${stop.id}, ${stop.reason}, ${stop.by}, ${toTimestamp(stop.since)}, ${toTimestampOrNull(stop.until)},
                ${stop.allowsRollBack})`,
  );
}

/** Locks the row until the transaction ends. */
export async function findHold(client: Queryable, id: string): Promise<StoredHold | null> {
  return queryOne(client, sql`select * from hold where id = ${id} for update`, holdRow);
}

/** Locks the row until the transaction ends. */
export async function findStop(client: Queryable, id: string): Promise<StoredStop | null> {
  return queryOne(client, sql`select * from stop where id = ${id} for update`, stopRow);
}

export async function endHold(client: Queryable, id: string, { at, by, reason }: Ended): Promise<void> {
  await execute(
    client,
    sql`update hold set ended_at = greatest(since, ${toTimestamp(at)}::timestamptz), ended_by = ${by},
          end_reason = ${reason} where id = ${id} and ended_at is null`,
  );
}

export async function endStop(client: Queryable, id: string, { at, by, reason }: Ended): Promise<void> {
  await execute(
    client,
    sql`update stop set ended_at = greatest(since, ${toTimestamp(at)}::timestamptz), ended_by = ${by},
          end_reason = ${reason} where id = ${id} and ended_at is null`,
  );
}

/** Holds, or stops, that are in force at the instant: begun, not lifted, and not at their end. */
function inForce(at: string): Statement {
  return sql`since <= ${at} and coalesce(ended_at, 'infinity'::timestamptz) > ${at} and (until is null or until > ${at})`;
}

export async function countHolds(client: Queryable, at: Temporal.Instant): Promise<number> {
  return countOf(client, sql`select count(*) as found from hold where ${inForce(toTimestamp(at))}`);
}

export async function countStops(client: Queryable, at: Temporal.Instant): Promise<number> {
  return countOf(client, sql`select count(*) as found from stop where ${inForce(toTimestamp(at))}`);
}

async function countOf(client: Queryable, statement: Statement): Promise<number> {
  return (await queryOne(client, statement, z.object({ found: whole })))?.found ?? 0;
}

/** One jsonb value: the holds in force at an instant, oldest first. */
export function holdsInForce(at: string, limit: number): Statement {
  return sql`(select coalesce(jsonb_agg(to_jsonb(h) order by h.since, h.id), '[]') from (
      select * from hold where ${inForce(at)} limit ${limit}) h)`;
}

/** One jsonb value: the stops in force at an instant, oldest first. */
export function stopsInForce(at: string, limit: number): Statement {
  return sql`(select coalesce(jsonb_agg(to_jsonb(s) order by s.since, s.id), '[]') from (
      select * from stop where ${inForce(at)} limit ${limit}) s)`;
}

export interface HoldFilter {
  /** Instant at which those that are shown are in force; null for all that ever were. */
  readonly inForceAt: Temporal.Instant | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const cursorKey = z.tuple([instant, z.string()]);

/** Newest first; the cursor is the last row's (since, id). */
export function listHolds(client: Queryable, filter: HoldFilter): Promise<Listed<StoredHold>> {
  return listOf(client, sql`hold`, filter, holdRow, ({ hold }) => hold);
}

export function listStops(client: Queryable, filter: HoldFilter): Promise<Listed<StoredStop>> {
  return listOf(client, sql`stop`, filter, stopRow, ({ stop }) => stop);
}

async function listOf<T>(
  client: Queryable,
  table: Statement,
  { inForceAt, limit, cursor }: HoldFilter,
  row: z.ZodType<T>,
  keyOf: (item: T) => { readonly id: string; readonly since: Temporal.Instant },
): Promise<Listed<T>> {
  const key = cursor === null ? null : cursorKey.safeParse(decodeCursor(cursor));
  if (key !== null && !key.success) return { items: [], next: null };
  const after =
    key === null ? sql`true` : sql`(since, id) < (${toTimestamp(key.data[0])}::timestamptz, ${key.data[1]})`;
  const shown = inForceAt === null ? sql`true` : inForce(toTimestamp(inForceAt));
  const found = await query(
    client,
    sql`select * from ${table} where ${after} and ${shown} order by since desc, id desc limit ${limit + 1}`,
    row,
  );
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items, next: null };
  const { since, id } = keyOf(last);
  return { items, next: encodeCursor([since.toString(), id]) };
}
