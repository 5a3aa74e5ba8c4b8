import { z } from "zod";
import type { Reservation } from "#core/plan/reservation.ts";
import { instant, toTimestamp, toTimestampOrNull } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/** Reservations of one place that are not over: nobody plans more, and every verdict there reads them. */
export const maxReservations = 500;

const row = z
  .object({
    id: z.string(),
    place: z.string(),
    team: z.string(),
    made_by: z.string(),
    reason: z.string(),
    from: instant,
    to: instant,
    seats: z.array(z.number().int()),
    not_before: instant.nullable(),
  })
  .transform(({ id, place, team, made_by: by, reason, from, to, seats, not_before: notBefore }): Reservation => ({
    id,
    place,
    team,
    by,
    reason,
    from,
    to,
    seats,
    notBefore,
  }));

export function parseReservation(value: unknown): Reservation {
  return row.parse(value);
}

/** Rows of the jsonb of `reservationsAt`. */
export const storedReservations = z.array(row).max(2 * maxReservations);

/** One jsonb value: the reservations of the places that were known at an instant and are not over then. */
export function reservationsAt(places: readonly string[], at: string): Statement {
  return sql`(select coalesce(jsonb_agg(to_jsonb(r) order by r."from", r.id), '[]') from (
      select * from reservation
      where place = any(${[...places]}::text[]) and valid_from <= ${at} and (valid_to is null or valid_to > ${at})
        and "to" > ${at}
      limit ${2 * maxReservations + 1}) r)`;
}

/**
 * Locks the place for this transaction and reads who has it, in the order in which they asked. Transactions that come
 * together fail with 40001 at repeatable read and begin anew.
 */
export async function lockReservations(
  client: Queryable,
  place: string,
  capacity: number,
  now: Temporal.Instant,
): Promise<readonly Reservation[]> {
  await execute(
    client,
    sql`insert into reservable (place, seat) select ${place}, s from generate_series(1, ${capacity}::integer) s
        on conflict (place, seat) do nothing`,
  );
  await execute(client, sql`update reservable set revision = revision + 1 where place = ${place}`);
  return query(
    client,
    sql`select * from reservation where place = ${place} and valid_to is null and "to" > ${toTimestamp(now)}
        order by asked_at, id limit ${maxReservations + 1}`,
    row,
  );
}

/** Null: there is none of that id, or it was let go of. */
export async function findReservation(client: Queryable, id: string): Promise<Reservation | null> {
  return queryOne(client, sql`select * from reservation where id = ${id} and valid_to is null`, row);
}

export async function insertReservation(client: Queryable, one: Reservation, at: Temporal.Instant): Promise<void> {
  await insertRow(client, one, sql`${toTimestamp(at)}`, toTimestamp(at));
  await takeSeats(client, one);
}

/** Another span, or other seats, from now on; what was known before stays in the row that ends here. */
export async function moveReservation(client: Queryable, one: Reservation, at: Temporal.Instant): Promise<void> {
  const ended = await closeRow(client, one.id, at);
  if (ended === null) throw new Error(`the reservation ${one.id} was let go of while it was moved`);
  await insertRow(client, one, sql`${ended.asked_at}`, ended.valid_to);
  await takeSeats(client, one);
}

/** True when it was in force. */
export async function endReservation(client: Queryable, id: string, at: Temporal.Instant): Promise<boolean> {
  return (await closeRow(client, id, at)) !== null;
}

const closed = z.object({ asked_at: z.string(), valid_to: z.string() });

/** Should the clock have been set back, the next row begins a microsecond after the one it ends: history stays in order. */
async function closeRow(client: Queryable, id: string, at: Temporal.Instant) {
  await execute(client, sql`delete from reserved_seat where reservation_id = ${id}`);
  return queryOne(
    client,
    sql`update reservation
        set valid_to = greatest(${toTimestamp(at)}::timestamptz, valid_from + interval '1 microsecond')
        where id = ${id} and valid_to is null returning asked_at::text, valid_to::text`,
    closed,
  );
}

async function insertRow(client: Queryable, one: Reservation, askedAt: Statement, validFrom: string): Promise<void> {
  await execute(
    client,
    sql`insert into reservation (id, place, team, made_by, reason, "from", "to", seats, not_before, asked_at, valid_from)
        values (${one.id}, ${one.place}, ${one.team}, ${one.by}, ${one.reason}, ${toTimestamp(one.from)},
                ${toTimestamp(one.to)}, ${[...one.seats]}::integer[], ${toTimestampOrNull(one.notBefore)},
                ${askedAt}::timestamptz, ${validFrom}::timestamptz)`,
  );
}

async function takeSeats(client: Queryable, { id, place, seats, from, to }: Reservation): Promise<void> {
  await execute(
    client,
    sql`insert into reserved_seat (reservation_id, number, span)
        select ${id}, r.number, tstzrange(${toTimestamp(from)}, ${toTimestamp(to)}) from reservable r
        where r.place = ${place} and r.seat = any(${[...seats]}::integer[])`,
  );
}

/** In force and not over, in the order of their begin. */
export async function listReservations(
  client: Queryable,
  filter: { readonly place: string | null; readonly now: Temporal.Instant; readonly limit: number },
): Promise<readonly Reservation[]> {
  const { place, now, limit } = filter;
  return query(
    client,
    sql`select * from reservation where valid_to is null and "to" > ${toTimestamp(now)}
          and ${place === null ? sql`true` : sql`place = ${place}`}
        order by "from", id limit ${limit}`,
    row,
  );
}
