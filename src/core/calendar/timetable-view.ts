import { clockChangesIn, type ClockChange } from "#core/calendar/clock-changes.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import { spansIn, type SpanSet } from "#core/calendar/span-set.ts";
import {
  bordersOf,
  spansOfRules,
  timetableOf,
  type Border,
  type MatchedSpans,
  type Timetable,
  type TimetableQuery,
} from "#core/calendar/timetable.ts";
import { spansOf } from "#core/calendar/expand.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import { matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";
import type { Service } from "#core/catalog/service.ts";
import type { Span } from "#core/span.ts";

/** Of whom open time is asked: a service, or what holds for every service (of a unit) that no narrower rule names. */
export interface TimetableOwner {
  readonly environment: Environment;
  readonly service: Service | null;
  readonly unit: string | null;
  /** Freezes and windows differ by it; an ordinary deployment when left out. */
  readonly change?: ChangeAsked;
}

/** What somebody means to do. */
export type ChangeAsked = Pick<ScopeSubject, "class" | "action">;

export const ordinaryChange: ChangeAsked = { class: "normal", action: "deploy" };

export interface Calendar {
  readonly windows: readonly Window[];
  readonly freezes: readonly Freeze[];
}

/** A rule of the environment that binds only some of the services that the timetable is about. */
export interface NarrowerRule {
  readonly kind: "window" | "freeze";
  readonly name: string;
  readonly spans: SpanSet;
}

/** An opening. A null says that the border lies outside of what was looked at. */
export interface Opening {
  readonly from: Temporal.Instant | null;
  readonly to: Temporal.Instant | null;
}

/** All that is shown of a timetable. The open spans are those that the rules judge by. */
export interface TimetableView {
  readonly owner: TimetableOwner;
  readonly table: Timetable;
  readonly borders: readonly Border[];
  readonly narrower: readonly NarrowerRule[];
  readonly clockChanges: readonly ClockChange[];
  readonly next: readonly Opening[];
}

/** Longest span of one answer: a year and what lies around its ends. */
export const maxCalendarDays = 400;
/** What is answered when the end is left open: four weeks. */
export const defaultCalendarDays = 28;

/** Openings that are shown as the next ones. */
export const openingsShown = 5;

/** How far the next openings are looked for: a yearly window is found, and one that is open for a week shows its start. */
const aheadHours = 400 * 24;
const behindHours = 7 * 24;

/** A timetable; may be a memo of `timetableOf`. */
export type MakeTimetable = (query: TimetableQuery) => Timetable;

/** The timetable of an owner over a range with everything that explains it; `now` is where the next openings count from. */
export function viewTimetable(
  calendar: Calendar,
  owner: TimetableOwner,
  between: Span,
  now: Temporal.Instant,
  make: MakeTimetable = timetableOf,
): TimetableView {
  const subject = subjectOf(owner);
  const { environment } = owner;
  const table = make({ ...calendar, subject, environment, between });
  return {
    owner,
    table,
    borders: bordersOf(table),
    narrower: narrowerRules(calendar, owner, between),
    clockChanges: clockChangesIn(environment.zone, between),
    next: nextOpenings(calendar, owner, now, make),
  };
}

/** The first openings that end after `now`; one that is in progress comes first. */
export function nextOpenings(
  calendar: Calendar,
  owner: TimetableOwner,
  now: Temporal.Instant,
  make: MakeTimetable = timetableOf,
): readonly Opening[] {
  const between = lookAround(now);
  const table = make({ ...calendar, subject: subjectOf(owner), environment: owner.environment, between });
  return spansIn(table.open)
    .filter(({ to }) => Temporal.Instant.compare(to, now) > 0)
    .slice(0, openingsShown)
    .map((span) => toOpening(span, between));
}

/** Whole days of UTC, so that questions of one day are about one range. */
export function lookAround(now: Temporal.Instant): Span {
  const day = now.toZonedDateTimeISO("UTC").startOfDay().toInstant();
  return { from: day.subtract({ hours: behindHours }), to: day.add({ hours: aheadHours }) };
}

export function toOpening({ from, to }: Span, between: Span): Opening {
  return { from: from.equals(between.from) ? null : from, to: to.equals(between.to) ? null : to };
}

/** A person who makes the change; an ordinary deployment is what a question without further words is about. */
export function subjectOf({ environment, service, unit, change = ordinaryChange }: TimetableOwner): ScopeSubject {
  const question = { class: change.class, action: change.action, invoker: "person" } as const;
  const place = { environment: environment.name, region: environment.region };
  if (service !== null) {
    const { name, team, tier, tags, dataClasses } = service;
    return { ...place, ...question, service: name, team, unit: service.unit, tier, tags, dataClasses };
  }
  // No service has an empty name or this tier: only what names no service, or every one, matches.
  return { ...place, ...question, service: "", team: "", unit: unit ?? "", tier: -1, tags: [], dataClasses: [] };
}

/** Rules that bind some of the services that the timetable is about, and not all; none for a single service. */
export function narrowerRules(calendar: Calendar, owner: TimetableOwner, between: Span): readonly NarrowerRule[] {
  if (owner.service !== null) return [];
  const subject = subjectOf(owner);
  const isNarrower = (scope: Scope): boolean =>
    matchesScope(ofEveryService(scope, subject), subject) && !matchesScope(scope, subject);
  const windows = calendar.windows.filter(({ scope }) => isNarrower(scope));
  const freezes = calendar.freezes.filter(({ scope }) => isNarrower(scope));
  const query = { environment: owner.environment, between };
  const named = (kind: NarrowerRule["kind"], found: MatchedSpans<Window | Freeze>): readonly NarrowerRule[] =>
    found.matched.map(({ rule, spans }) => ({ kind, name: rule.name, spans }));
  return [
    ...named("window", spansOfRules("window", windows, query, spansOf)),
    ...named("freeze", spansOfRules("freeze", freezes, query, spansOf)),
  ];
}

/** True when a scope meets what the timetable is about, or some of its services. */
export function mayConcern(scope: Scope, owner: TimetableOwner): boolean {
  const subject = subjectOf(owner);
  return matchesScope(owner.service === null ? ofEveryService(scope, subject) : scope, subject);
}

/** The scope without what it demands of a service; a unit that is asked about stays. */
function ofEveryService(scope: Scope, { unit }: ScopeSubject): Scope {
  const { services: _s, teams: _t, tags: _g, tiers: _i, dataClasses: _d, units, ...rest } = scope;
  return units === undefined || unit === "" ? rest : { ...rest, units };
}
