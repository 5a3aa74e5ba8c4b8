import { dayMs, minuteMs, toLocalMs } from "#core/calendar/civil.ts";
import type { LocalRule, RuleEnd } from "#core/calendar/local-rule.ts";
import { parseRecurrence } from "#core/calendar/parse-rrule.ts";
import type { Recurrence } from "#core/calendar/recurrence.ts";
import { resolveEnd, resolveStart, unknownZone, type SpanKind } from "#core/calendar/resolve.ts";
import { seriesOf, singleSeries, type Series } from "#core/calendar/series.ts";
import { appendSpan, msOf, msOfEnd, type SpanSet } from "#core/calendar/span-set.ts";
import { zoneOf, type Zone } from "#core/calendar/zone.ts";
import { err, ok, unreachable, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";

/** Why a rule cannot be expanded. Whoever meets one closes the scope and names the rule (semantics §2.1). */
export interface CalendarFault {
  readonly code: "unknown-zone" | "unreadable-recurrence" | "bad-end" | "too-much-work";
  readonly message: string;
  /** Zero-based character in the text of the recurrence, where the fault lies in it; else null. */
  readonly offset: number | null;
}

/** A longer elapsed end is refused: every question would have to look back that far for what is still open. */
export const maxElapsedDays = 3_660;

/** Local time and UTC are never further apart than this, clock changes by a whole day included. */
const zoneReachMs = 3 * dayMs;

/** A rule that was read once: its local series and how an occurrence ends. */
interface ReadRule {
  readonly series: Series;
  /** Epoch ms after which no occurrence starts: an UNTIL that was written as an instant. */
  readonly lastStartMs: number;
  readonly skipped: ReadonlySet<number>;
  readonly end: ReadEnd;
}

type ReadEnd =
  | { readonly kind: "wall"; readonly msOfDay: number }
  | { readonly kind: "elapsed"; readonly ms: number }
  | { readonly kind: "until"; readonly localMs: number };

/** Rules are values that do not change, so what was read of one is kept as long as the rule itself. */
const readRules = new WeakMap<LocalRule, Result<ReadRule, CalendarFault>>();

/**
 * The spans of a rule that meet `between`, clipped to it, merged, as instants by the laws of semantics §2.2.
 * `targetZone` stands in for `zone: target`. An unknown zone or unreadable rule is an error value.
 */
export function spansOf(
  kind: SpanKind,
  rule: LocalRule,
  targetZone: string,
  between: Span,
): Result<SpanSet, CalendarFault> {
  const fromMs = msOf(between.from);
  const toMs = msOfEnd(between.to);
  const prepared = prepare(rule, targetZone);
  if (!prepared.ok) return prepared;
  const { read, zone } = prepared.value;
  const starts = read.series.between(fromMs - zoneReachMs - longestMs(read.end), toMs + zoneReachMs);
  if (!starts.ok) return err({ code: "too-much-work", message: starts.error.message, offset: null });
  const borders: number[] = [];
  for (const local of starts.value) {
    if (read.skipped.size > 0 && read.skipped.has(local)) continue;
    const start = resolveStart(zone, local);
    if (start > read.lastStartMs || start >= toMs) break;
    const end = endOf(zone, kind, read.end, local, start);
    if (end > fromMs) appendSpan(borders, Math.max(start, fromMs), Math.min(end, toMs));
  }
  return ok({ borders });
}

/** What is wrong with a rule in itself, whatever the range; null when it can be expanded. */
export function faultOf(rule: LocalRule, targetZone: string): CalendarFault | null {
  const prepared = prepare(rule, targetZone);
  return prepared.ok ? null : prepared.error;
}

/** The local starts of a rule (local ms, exdates taken out) and the span that each gives; null for one without length. */
export function occurrencesOf(
  kind: SpanKind,
  rule: LocalRule,
  targetZone: string,
  between: Span,
): Result<readonly Occurrence[], CalendarFault> {
  const prepared = prepare(rule, targetZone);
  if (!prepared.ok) return prepared;
  const { read, zone } = prepared.value;
  const starts = read.series.between(msOf(between.from) - zoneReachMs, msOfEnd(between.to) + zoneReachMs);
  if (!starts.ok) return err({ code: "too-much-work", message: starts.error.message, offset: null });
  const found: Occurrence[] = [];
  for (const localMs of starts.value) {
    const startMs = resolveStart(zone, localMs);
    const isInRange = startMs >= msOf(between.from) && startMs < msOfEnd(between.to) && startMs <= read.lastStartMs;
    if (!isInRange || read.skipped.has(localMs)) continue;
    found.push({ localMs, startMs, endMs: Math.max(startMs, endOf(zone, kind, read.end, localMs, startMs)) });
  }
  return ok(found);
}

/** One occurrence: its start on the local clock, and its span in epoch ms; no length when a gap swallowed it. */
export interface Occurrence {
  readonly localMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** The local series of a rule, for questions without a zone. */
export function seriesOfRule(rule: LocalRule): Result<Series, CalendarFault> {
  const read = readRule(rule);
  return read.ok ? ok(read.value.series) : read;
}

function prepare(rule: LocalRule, targetZone: string): Result<{ read: ReadRule; zone: Zone }, CalendarFault> {
  const name = rule.zone === "target" ? targetZone : rule.zone;
  const zone = zoneOf(name);
  if (zone === null) return err({ code: "unknown-zone", message: unknownZone(name), offset: null });
  const read = readRule(rule);
  return read.ok ? ok({ read: read.value, zone }) : read;
}

function readRule(rule: LocalRule): Result<ReadRule, CalendarFault> {
  const kept = readRules.get(rule);
  if (kept !== undefined) return kept;
  const read = readFresh(rule);
  readRules.set(rule, read);
  return read;
}

function readFresh(rule: LocalRule): Result<ReadRule, CalendarFault> {
  const anchor = toLocalMs(rule.start);
  const end = readEnd(rule.end, rule.rrule, anchor);
  if (!end.ok) return end;
  const skipped = new Set(rule.exdates.map(toLocalMs));
  if (rule.rrule === null) {
    return ok({ series: singleSeries(anchor), lastStartMs: Number.POSITIVE_INFINITY, skipped, end: end.value });
  }
  const recurrence = parseRecurrence(rule.rrule);
  if (!recurrence.ok) {
    const { message, offset } = recurrence.error;
    return err({ code: "unreadable-recurrence", message, offset });
  }
  const { bounded, lastStartMs } = withInstantUntil(recurrence.value);
  return ok({ series: seriesOf(bounded, anchor), lastStartMs, skipped, end: end.value });
}

/** UNTIL with Z is an instant: the local series is let run past it, and the resolved starts are compared with it. */
function withInstantUntil(recurrence: Recurrence): { bounded: Recurrence; lastStartMs: number } {
  const { until } = recurrence;
  if (until === null || until.form !== "utc") return { bounded: recurrence, lastStartMs: Number.POSITIVE_INFINITY };
  const loose = { form: "local", localMs: until.localMs + zoneReachMs } as const;
  return { bounded: { ...recurrence, until: loose }, lastStartMs: until.localMs };
}

function readEnd(end: RuleEnd, rrule: string | null, anchor: number): Result<ReadEnd, CalendarFault> {
  switch (end.kind) {
    case "wall":
      if (!Number.isInteger(end.minuteOfDay) || end.minuteOfDay < 0 || end.minuteOfDay > 1440) {
        return badEnd(`the end is minute ${end.minuteOfDay} of the day; it must be 0 (00:00) to 1440 (24:00)`);
      }
      return ok({ kind: "wall", msOfDay: end.minuteOfDay * minuteMs });
    case "elapsed":
      return readElapsed(end.duration);
    case "until": {
      const localMs = toLocalMs(end.at);
      if (rrule !== null) return badEnd("an absolute end needs a rule without recurrence");
      if (localMs <= anchor) return badEnd("the end is not after the start");
      return ok({ kind: "until", localMs });
    }
  }
  return unreachable(end);
}

function readElapsed(duration: Temporal.Duration): Result<ReadEnd, CalendarFault> {
  if (duration.years !== 0 || duration.months !== 0) {
    return badEnd(`the duration ${duration.toString()} has years or months, whose elapsed length is not fixed`);
  }
  const days = duration.weeks * 7 + duration.days;
  const ms = Math.round(duration.with({ weeks: 0, days: 0 }).total("milliseconds")) + days * dayMs;
  if (ms <= 0) return badEnd(`the duration ${duration.toString()} has no length`);
  if (ms > maxElapsedDays * dayMs)
    return badEnd(`the duration ${duration.toString()} is longer than ${maxElapsedDays} days`);
  return ok({ kind: "elapsed", ms });
}

function badEnd(message: string): Result<never, CalendarFault> {
  return err({ code: "bad-end", message, offset: null });
}

/** How far before a range an occurrence can start and still reach into it, zones left aside. */
function longestMs(end: ReadEnd): number {
  switch (end.kind) {
    case "wall":
      return dayMs;
    case "elapsed":
      return end.ms;
    case "until":
      return Number.POSITIVE_INFINITY;
  }
  return unreachable(end);
}

function endOf(zone: Zone, kind: SpanKind, end: ReadEnd, localStart: number, startMs: number): number {
  switch (end.kind) {
    case "wall": {
      const sameDay = Math.floor(localStart / dayMs) * dayMs + end.msOfDay;
      return resolveEnd(zone, sameDay > localStart ? sameDay : sameDay + dayMs, kind, startMs);
    }
    case "elapsed":
      return startMs + end.ms;
    case "until":
      return resolveEnd(zone, end.localMs, kind, startMs);
  }
  return unreachable(end);
}
