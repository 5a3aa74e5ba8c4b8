import type { Document } from "#config/document.ts";
import type { Caution } from "#core/calendar/business/business-calendar.ts";
import { timetableCache, type TimetableCache } from "#core/calendar/timetable-cache.ts";
import {
  defaultCalendarDays,
  lookAround,
  maxCalendarDays,
  ordinaryChange,
  viewTimetable,
  type ChangeAsked,
  type MakeTimetable,
  type TimetableView,
} from "#core/calendar/timetable-view.ts";
import type { TimetableQuery } from "#core/calendar/timetable.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { DeploymentId } from "#core/id.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { DeploymentState } from "#core/rollout/state.ts";
import { isBefore, type Span } from "#core/span.ts";

/** A deployment as a span: from its start, or the planned one, to its end, or the planned one. */
export interface CalendarBooking {
  readonly id: DeploymentId;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly state: DeploymentState;
  readonly span: Span;
}

/** What the calendar is read from; each call is one snapshot. */
export interface CalendarSource {
  /** With the freezes and notes that imported events of the span make. */
  readonly inForce: (between: Span) => Promise<{
    readonly revision: number | null;
    readonly organisation: Organisation;
    readonly cautions: readonly Caution[];
  }>;
  readonly documents: () => Promise<readonly Document[]>;
  /** Those that meet the span, by start; at most `limit`. `now` ends what runs longer than planned. */
  readonly bookings: (between: Span, now: Temporal.Instant, limit: number) => Promise<readonly CalendarBooking[]>;
}

/** Null for a border that the caller left open. */
export interface AskedSpan {
  readonly since: Temporal.Instant | null;
  readonly until: Temporal.Instant | null;
}

/** From now, or the start asked for, over the given days, or to the end asked for. */
export function spanAsked(
  { since, until }: AskedSpan,
  now: Temporal.Instant,
  days: number = defaultCalendarDays,
): Result<Span, "bad-span"> {
  const from = since ?? now;
  const to = until ?? from.add({ hours: days * 24 });
  const isTooLong = isBefore(from.add({ hours: maxCalendarDays * 24 }), to);
  return isTooLong || !isBefore(from, to) ? err("bad-span") : ok({ from, to });
}

/** The span from the first to the last instant of two. */
export function around(a: Span, b: Span): Span {
  return { from: isBefore(a.from, b.from) ? a.from : b.from, to: isBefore(a.to, b.to) ? b.to : a.to };
}

/** Ranges whose timetables are kept for a configuration: those that several people look at. */
const rangesKept = 16;

/** Timetables by revision of the configuration and range. A new revision starts over; no answer depends on it. */
export interface TimetableMemo {
  readonly of: (revision: number | null, between: Span) => MakeTimetable;
}

export function timetableMemo(): TimetableMemo {
  const kept = new Map<string, TimetableCache>();
  return {
    of(revision, { from, to }) {
      const key = `${revision ?? "none"} ${from.toString()} ${to.toString()}`;
      const cache = kept.get(key) ?? timetableCache();
      kept.delete(key);
      kept.set(key, cache);
      const [oldest] = kept.keys();
      if (kept.size > rangesKept && oldest !== undefined) kept.delete(oldest);
      return (query: TimetableQuery) => cache.timetableOf(query);
    },
  };
}

export interface TimetableQuestion extends AskedSpan {
  readonly environment: string;
  readonly service: string | null;
  /** An ordinary deployment when left out. */
  readonly change?: ChangeAsked;
}

export type CalendarRefusal = "no-such-environment" | "no-such-service" | "bad-span";

export type ReadTimetable = (
  question: TimetableQuestion,
  now: Temporal.Instant,
) => Promise<Result<TimetableView, CalendarRefusal>>;

/** Open time with everything that explains it, from the configuration in force. */
export function makeReadTimetable(source: Pick<CalendarSource, "inForce">, memo: TimetableMemo): ReadTimetable {
  return async (question, now) => {
    const between = spanAsked(question, now);
    if (!between.ok) return between;
    const { revision, organisation } = await source.inForce(around(between.value, lookAround(now)));
    const environment = organisation.environments.get(question.environment);
    if (environment === undefined) return err("no-such-environment");
    const service = question.service === null ? null : organisation.services.get(question.service);
    if (service === undefined) return err("no-such-service");
    const [asked, ahead] = [memo.of(revision, between.value), memo.of(revision, lookAround(now))];
    const make: MakeTimetable = (query) => (query.between === between.value ? asked(query) : ahead(query));
    const { change = ordinaryChange } = question;
    return ok(viewTimetable(organisation, { environment, service, unit: null, change }, between.value, now, make));
  };
}
