import type { Pool } from "pg";
import { z } from "zod";
import type { Document } from "#config/document.ts";
import type { Caution } from "#core/calendar/business/business-calendar.ts";
import { effectsOfEvents, freezesOfUnread } from "#core/calendar/business/effects.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { DeploymentId } from "#core/id.ts";
import { deploymentStates, type DeploymentState } from "#core/rollout/state.ts";
import type { Span } from "#core/span.ts";
import { eventsIn, newestImport, sources } from "./business-calendar.ts";
import { documentsInForce, newestRevision } from "./configuration.ts";
import { lintFactsOf, type ReadLintFacts } from "./lint-facts.ts";
import { organisationOf } from "./organisation.ts";
import type { RecordHooks } from "./records.ts";
import { deploymentId, instant, toTimestamp } from "./row.ts";
import { query, readSnapshot, sql, type Queryable } from "./sql.ts";

/** A deployment as a bar of the calendar. */
export interface StoredBooking {
  readonly id: DeploymentId;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly state: DeploymentState;
  readonly span: Span;
}

/** What the calendar reads; every answer comes from one snapshot. */
export interface StoreCalendar {
  /** With the freezes and notes that imported events of the span make, as facts have them. */
  readonly inForce: (between: Span) => Promise<{ readonly revision: number | null } & InForce>;
  readonly documents: () => Promise<readonly Document[]>;
  readonly lintFacts: ReadLintFacts;
  readonly bookings: (between: Span, now: Temporal.Instant, limit: number) => Promise<readonly StoredBooking[]>;
}

interface InForce {
  readonly organisation: Organisation;
  readonly cautions: readonly Caution[];
}

/** Spans whose organisation is kept: equal questions then get the same objects, which timetables are kept by. */
const spansKept = 16;

export function calendarOf(pool: Pool, { organisations }: RecordHooks): StoreCalendar {
  const kept = new Map<string, InForce>();
  return {
    inForce: (between) =>
      readSnapshot(pool, async (client) => {
        const revision = await newestRevision(client);
        const newest = await newestImport(client);
        const key = [revision?.digest, newest, between.from, between.to].join(" ");
        const known = kept.get(key);
        const inForce =
          known ?? (await withEvents(client, await organisationOf(client, organisations, revision), between, newest));
        kept.delete(key);
        kept.set(key, inForce);
        const [oldest] = kept.keys();
        if (kept.size > spansKept && oldest !== undefined) kept.delete(oldest);
        return { revision: revision?.revision ?? null, ...inForce };
      }),
    documents: () => readSnapshot(pool, documentsInForce),
    lintFacts: lintFactsOf(pool),
    bookings: (between, now, limit) => readSnapshot(pool, (client) => bookingsIn(client, between, now, limit)),
  };
}

/** Nothing that is in force now began to be valid after the newest import. */
async function withEvents(client: Queryable, declared: Organisation, between: Span, newest: string): Promise<InForce> {
  if (declared.calendars.length === 0) return { organisation: declared, cautions: [] };
  const events = newest === "" ? [] : await eventsIn(client, between, instant.parse(newest));
  const made = effectsOfEvents(declared.calendars, events);
  const read = new Set((await sources(client)).map(({ calendar }) => calendar));
  const freezes = [...made.freezes, ...freezesOfUnread(declared.calendars, read)];
  const organisation = freezes.length === 0 ? declared : { ...declared, freezes: [...declared.freezes, ...freezes] };
  return { organisation, cautions: made.cautions };
}

const row = z
  .object({
    id: deploymentId,
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    state: z.enum(deploymentStates),
    from: instant,
    to: instant,
  })
  .transform(({ from, to, ...rest }) => ({ ...rest, span: { from, to } }));

/**
 * Deployments that meet the span, by start. What has started lies where it was; what has not, where it is planned; what
 * runs longer than planned reaches to `now`. Work that ended without a start took no time and is left out.
 */
async function bookingsIn(
  client: Queryable,
  { from, to }: Span,
  now: Temporal.Instant,
  limit: number,
): Promise<readonly StoredBooking[]> {
  return query(
    client,
    sql`select * from (
          select d.id, d.service, d.version, d.environment, d.state,
                 coalesce(d.started_at, b.planned_from) as "from",
                 greatest(
                   coalesce(d.ended_at, case when d.state = 'running' then greatest(b.planned_to, ${toTimestamp(now)})
                                             else b.planned_to end),
                   coalesce(d.started_at, b.planned_from) + interval '1 millisecond') as "to"
          from deployment d join booking b on b.id = d.booking_id
          where d.ended_at is null or d.started_at is not null) bar
        where bar."from" < ${toTimestamp(to)} and bar."to" > ${toTimestamp(from)}
        order by bar."from", bar.id limit ${limit}`,
    row,
  );
}
