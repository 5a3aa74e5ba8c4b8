import { z } from "zod";
import type { BusinessEvent, CalendarEvent } from "#core/calendar/business/business-calendar.ts";
import type { Span } from "#core/span.ts";
import { instant, toTimestamp, toTimestampOrNull } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/*
 * Calendars from outside: the last good text of each, how the last attempt went, and the occurrences it brought. A
 * failed attempt touches the attempt alone, so the last good state stays in force.
 */

export interface StoredSource {
  readonly calendar: string;
  readonly text: string;
  readonly digest: string;
  readonly zone: string;
  readonly etag: string | null;
  readonly importedAt: Temporal.Instant;
  readonly importedBy: string;
  readonly expandedTo: Temporal.Instant;
}

export interface StoredAttempt {
  readonly calendar: string;
  readonly at: Temporal.Instant;
  readonly nextAt: Temporal.Instant;
  readonly failure: string | null;
  readonly failingSince: Temporal.Instant | null;
}

export interface StoredChanges {
  readonly added: readonly BusinessEvent[];
  readonly removed: readonly BusinessEvent[];
  readonly unchanged: number;
}

/** More than anybody plans for the horizon of a verdict; beyond it loading fails, and what cannot be judged does not go. */
export const maxEventsInForce = 20_000;

const sourceRow = z
  .object({
    calendar: z.string(),
    text: z.string(),
    digest: z.string(),
    zone: z.string(),
    etag: z.string().nullable(),
    imported_at: instant,
    imported_by: z.string(),
    expanded_to: instant,
  })
  .transform(({ imported_at: importedAt, imported_by: importedBy, expanded_to: expandedTo, ...rest }) => ({
    ...rest,
    importedAt,
    importedBy,
    expandedTo,
  })) satisfies z.ZodType<StoredSource>;

/** Locks the row: one import of a calendar at a time. */
export async function findSource(client: Queryable, calendar: string): Promise<StoredSource | null> {
  return queryOne(client, sql`select * from business_source where calendar = ${calendar} for update`, sourceRow);
}

/** What lists show of a source; the text stays where it is. */
export async function sources(client: Queryable): Promise<readonly Omit<StoredSource, "text">[]> {
  const found = sql`select calendar, '' as text, digest, zone, etag, imported_at, imported_by, expanded_to
                    from business_source order by calendar`;
  return query(client, found, sourceRow);
}

const attemptRow = z
  .object({
    calendar: z.string(),
    at: instant,
    next_at: instant,
    failure: z.string().nullable(),
    failing_since: instant.nullable(),
  })
  .transform(({ next_at: nextAt, failing_since: failingSince, ...rest }) => ({ ...rest, nextAt, failingSince }));

export async function attempts(client: Queryable): Promise<readonly StoredAttempt[]> {
  return query(client, sql`select * from business_attempt order by calendar`, attemptRow);
}

export async function saveAttempt(client: Queryable, attempt: StoredAttempt): Promise<void> {
  const { calendar, failure } = attempt;
  await execute(
    client,
    sql`insert into business_attempt (calendar, at, next_at, failure, failing_since)
        values (${calendar}, ${toTimestamp(attempt.at)}, ${toTimestamp(attempt.nextAt)}, ${failure},
                ${toTimestampOrNull(attempt.failingSince)})
        on conflict (calendar) do update set at = excluded.at, next_at = excluded.next_at, failure = excluded.failure,
          failing_since = case when excluded.failure is null then null
                               else coalesce(business_attempt.failing_since, excluded.failing_since) end`,
  );
}

const eventBody = z.object({
  uid: z.string(),
  occurrence: z.string(),
  summary: z.string(),
  categories: z.array(z.string()),
  services: z.array(z.string()),
  from: instant,
  to: instant,
}) satisfies z.ZodType<BusinessEvent>;

const eventRow = z.object({ calendar: z.string(), event: eventBody }) satisfies z.ZodType<CalendarEvent>;

/** Reads what `eventsInForce` selects. */
export const storedEvents = z.array(eventRow).max(maxEventsInForce);

/** One jsonb value: the occurrences in force at `at` that meet the span, by start. */
export function eventsInForce(span: Span, at: string): Statement {
  return sql`(select coalesce(jsonb_agg(jsonb_build_object('calendar', o.calendar, 'event', o.event)
                                        order by o.starts_at, o.calendar, o.uid, o.occurrence), '[]')
      from (select * from business_event e
            where e.valid_from <= ${at} and (e.valid_to is null or e.valid_to > ${at})
              and e.ends_at > ${toTimestamp(span.from)} and e.starts_at < ${toTimestamp(span.to)}
            limit ${maxEventsInForce + 1}) o)`;
}

export async function eventsIn(client: Queryable, span: Span, at: Temporal.Instant): Promise<readonly CalendarEvent[]> {
  const row = z.object({ events: storedEvents });
  const found = await queryOne(client, sql`select ${eventsInForce(span, toTimestamp(at))} as events`, row);
  return found?.events ?? [];
}

/** Rises with every import; whoever keeps something made from events keeps this beside it. */
export async function newestImport(client: Queryable): Promise<string> {
  const row = z.object({ newest: z.string() });
  const found = sql`select coalesce(max(imported_at)::text, '') as newest from business_source`;
  return (await queryOne(client, found, row))?.newest ?? "";
}

/**
 * Makes these the occurrences of the calendar from the import on: rows that differ are closed and opened, equal ones
 * stay. Should the import not be after the last one (the domain clock was set back), it counts a microsecond after it.
 */
export async function saveImport(
  client: Queryable,
  state: StoredSource,
  events: readonly BusinessEvent[],
): Promise<StoredChanges> {
  const last = await findSource(client, state.calendar);
  const at = last === null ? state.importedAt : later(state.importedAt, last.importedAt.add({ microseconds: 1 }));
  await saveSource(client, { ...state, importedAt: at });
  const known = new Map((await eventsOf(client, state.calendar)).map((event) => [contentOf(event), event]));
  const next = new Map(events.map((event) => [contentOf(event), event]));
  const removed = [...known].filter(([content]) => !next.has(content)).map(([, event]) => event);
  const added = [...next].filter(([content]) => !known.has(content)).map(([, event]) => event);
  await close(client, state.calendar, removed, at);
  await open(client, state.calendar, added, at);
  return { added, removed, unchanged: next.size - added.length };
}

function later(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(a, b) >= 0 ? a : b;
}

function contentOf(event: BusinessEvent): string {
  const { uid, occurrence, summary, categories, services, from, to } = event;
  return JSON.stringify([uid, occurrence, summary, categories, services, from.toString(), to.toString()]);
}

async function saveSource(client: Queryable, state: StoredSource): Promise<void> {
  await execute(
    client,
    sql`insert into business_source (calendar, text, digest, zone, etag, imported_at, imported_by, expanded_to)
        values (${state.calendar}, ${state.text}, ${state.digest}, ${state.zone}, ${state.etag},
                ${toTimestamp(state.importedAt)}, ${state.importedBy}, ${toTimestamp(state.expandedTo)})
        on conflict (calendar) do update set text = excluded.text, digest = excluded.digest, zone = excluded.zone,
          etag = excluded.etag, imported_at = excluded.imported_at, imported_by = excluded.imported_by,
          expanded_to = excluded.expanded_to`,
  );
}

async function eventsOf(client: Queryable, calendar: string): Promise<readonly BusinessEvent[]> {
  const found = sql`select event from business_event where calendar = ${calendar} and valid_to is null`;
  return query(
    client,
    found,
    z.object({ event: eventBody }).transform(({ event }) => event),
  );
}

async function close(
  client: Queryable,
  calendar: string,
  events: readonly BusinessEvent[],
  at: Temporal.Instant,
): Promise<void> {
  const keys = events.map(({ uid, occurrence }) => ({ uid, occurrence }));
  await execute(
    client,
    sql`update business_event e set valid_to = ${toTimestamp(at)}
        from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k(uid text, occurrence text)
        where e.calendar = ${calendar} and e.valid_to is null and e.uid = k.uid and e.occurrence = k.occurrence`,
  );
}

async function open(
  client: Queryable,
  calendar: string,
  events: readonly BusinessEvent[],
  at: Temporal.Instant,
): Promise<void> {
  const rows = events.map((event) => ({
    uid: event.uid,
    occurrence: event.occurrence,
    starts_at: toTimestamp(event.from),
    ends_at: toTimestamp(event.to),
    event: { ...event, from: event.from.toString(), to: event.to.toString() },
  }));
  await execute(
    client,
    sql`insert into business_event (calendar, uid, occurrence, starts_at, ends_at, event, valid_from)
        select ${calendar}, r.uid, r.occurrence, r.starts_at, r.ends_at, r.event, ${toTimestamp(at)}
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as r(uid text, occurrence text, starts_at timestamptz, ends_at timestamptz, event jsonb)`,
  );
}
