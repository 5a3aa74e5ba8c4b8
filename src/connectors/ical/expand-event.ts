import { endInstantOf, instantOf, inZone, type ZonedTime } from "#connectors/ical/event-time.ts";
import { fault, type IcalFault } from "#connectors/ical/jcal.ts";
import type { WrittenEvent } from "#connectors/ical/read-event.ts";
import type { BusinessEvent } from "#core/calendar/business/business-calendar.ts";
import { dayMs, fromLocalMs } from "#core/calendar/civil.ts";
import { parseRecurrenceSet } from "#core/calendar/recurrence-set.ts";
import type { Series } from "#core/calendar/series.ts";
import { zoneOf } from "#core/calendar/zone.ts";
import { err, ok, type Result } from "#core/result.ts";
import { isBefore, type Span } from "#core/span.ts";

/** A business event does not come more often than every quarter of an hour; what does is a mistake or an attack. */
export const maxOccurrencesPerDay = 96;
export const maxOccurrencesPerEvent = 5_000;

/** Local readings and UTC are never further apart than this. */
const zoneReachMs = 2 * dayMs;

/** An event and those that replace single occurrences of it. */
export interface EventSeries {
  readonly master: WrittenEvent;
  readonly overrides: readonly WrittenEvent[];
}

/** An occurrence with the event that it was written as. */
export interface Occurrence {
  readonly event: BusinessEvent;
  readonly written: WrittenEvent;
}

/** The occurrences that meet `between`. Recurrence runs on local readings by `core/calendar`, then becomes instants. */
export function expandSeries(
  { master, overrides }: EventSeries,
  between: Span,
): Result<readonly Occurrence[], IcalFault> {
  const own = occurrencesOf(master, overrides, between);
  if (!own.ok) return err(fault(own.error, master.line, master.uid));
  const found: Occurrence[] = [];
  for (const local of master.cancelled ? [] : own.value) {
    const event = toEvent(master, local, own.value.length > 1 || master.rules.length > 0 ? local : null);
    if (event === null) return err(endsBeforeStart(master));
    if (meets(event, between)) found.push({ event, written: master });
  }
  for (const override of overrides) {
    if (override.cancelled || master.cancelled) continue;
    const event = toEvent(override, override.start.localMs, override.replaces?.localMs ?? null);
    if (event === null) return err(endsBeforeStart(override));
    if (meets(event, between)) found.push({ event, written: override });
  }
  return ok(found);
}

function endsBeforeStart({ line, uid }: WrittenEvent): IcalFault {
  return fault("the event ends before it begins", line, uid);
}

function meets({ from, to }: Span, between: Span): boolean {
  return (
    isBefore(from, between.to) && (isBefore(between.from, to) || Temporal.Instant.compare(between.from, from) <= 0)
  );
}

/** Local starts. Every replaced occurrence is taken out, whatever became of it. */
function occurrencesOf(
  master: WrittenEvent,
  overrides: readonly WrittenEvent[],
  between: Span,
): Result<readonly number[], string> {
  const { start } = master;
  if (master.rules.length === 0 && master.added.length === 0 && master.excluded.length === 0)
    return ok(overrides.some(({ replaces }) => replaces?.localMs === start.localMs) ? [] : [start.localMs]);
  const replaced = overrides.flatMap(({ replaces }) => (replaces === null ? [] : [inZone(replaces, start.zone)]));
  const text = [
    ...master.rules.map((rule) => localUntil(rule, start.zone)),
    ...master.added.map((time) => `RDATE:${localText(inZone(time, start.zone))}`),
    ...[...master.excluded, ...replaced].map((time) => `EXDATE:${localText(inZone(time, start.zone))}`),
  ].join("\n");
  const series = parseRecurrenceSet(text, start.localMs);
  if (!series.ok) return err(`its recurrence cannot be read: ${series.error.message}`);
  return boundedOccurrences(series.value, master, between);
}

function boundedOccurrences(series: Series, master: WrittenEvent, between: Span): Result<readonly number[], string> {
  const longest = lengthMs(master) + zoneReachMs;
  const from = Math.max(master.start.localMs, between.from.epochMilliseconds - longest);
  const to = between.to.epochMilliseconds + zoneReachMs;
  const first = series.next(from);
  if (!first.ok) return err(`its rule never matches: ${first.error.message}`);
  if (first.value === null) return hasAny(series, master.start.localMs);
  const day = series.between(first.value, first.value + dayMs);
  if (!day.ok || day.value.length > maxOccurrencesPerDay)
    return err(`it recurs more than ${maxOccurrencesPerDay} times a day; write one event with a length`);
  const all = series.between(from, to);
  if (!all.ok || all.value.length > maxOccurrencesPerEvent)
    return err(`it recurs more than ${maxOccurrencesPerEvent} times; let it recur less often`);
  return all;
}

/** A series that is over is in order; one that never was is a slip, and a freeze that is missing then opens. */
function hasAny(series: Series, anchor: number): Result<readonly number[], string> {
  const ever = series.next(anchor);
  return ever.ok && ever.value !== null ? ok([]) : err("its rule never matches; correct it or remove it");
}

/** An upper bound on the clock of any one occurrence. */
function lengthMs({ start, length }: WrittenEvent): number {
  return length.kind === "duration"
    ? length.days * dayMs + length.ms
    : Math.max(0, length.end.localMs - start.localMs) + zoneReachMs;
}

/** UNTIL with Z is an instant; the set is read on local clocks, so it becomes a reading of the event's zone. */
function localUntil(rule: string, zoneName: string): string {
  return rule.replace(/UNTIL=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, (whole, ...digits: string[]) => {
    const [year, month, day, hour, minute, second] = digits;
    const instant = Temporal.Instant.from(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`).epochMilliseconds;
    const offset = zoneOf(zoneName)?.offsetAt(instant);
    return offset === undefined ? whole : `UNTIL=${basic(instant + offset)}`;
  });
}

function localText({ localMs, form }: ZonedTime): string {
  return form === "date" ? basic(localMs).slice(0, 8) : basic(localMs);
}

function basic(localMs: number): string {
  return fromLocalMs(localMs).toString({ smallestUnit: "second" }).replaceAll(/[-:]/g, "");
}

/** Null when it ends before it begins. */
function toEvent(written: WrittenEvent, localMs: number, occurrence: number | null): BusinessEvent | null {
  const { zone } = written.start;
  const from = instantOf({ localMs, zone });
  const to = endOf(written, localMs, from);
  if (isBefore(to, from)) return null;
  const { uid, summary, categories, services } = written;
  const named = occurrence === null ? "" : fromLocalMs(occurrence).toString({ smallestUnit: "second" });
  return { uid, occurrence: named, summary, categories, services, from, to };
}

/**
 * An end is that of the clock on the wall, moved along with the start; should a clock change make it shorter than it
 * was written, it keeps its length (RFC 5545 3.8.5.3): of the two readings the one that opens less.
 */
function endOf({ start, length }: WrittenEvent, localMs: number, from: Temporal.Instant): Temporal.Instant {
  if (length.kind === "duration") {
    const days = endInstantOf({ localMs: localMs + length.days * dayMs, zone: start.zone });
    return (length.days === 0 ? from : days).add({ milliseconds: length.ms });
  }
  const { end } = length;
  const moved = endInstantOf({ localMs: end.localMs + (localMs - start.localMs), zone: end.zone });
  if (localMs === start.localMs) return moved;
  const kept = from.add(instantOf(start).until(endInstantOf(end)));
  return end.form === "date" || isBefore(kept, moved) ? moved : kept;
}
