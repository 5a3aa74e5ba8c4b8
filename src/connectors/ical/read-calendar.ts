import { expandSeries, type EventSeries, type Occurrence } from "#connectors/ical/expand-event.ts";
import type { TimeContext } from "#connectors/ical/event-time.ts";
import { eventLines, fault, parseComponents, textOf, type Component, type IcalFault } from "#connectors/ical/jcal.ts";
import { readEvent, type WrittenEvent } from "#connectors/ical/read-event.ts";
import { zoneNames } from "#connectors/ical/zones.ts";
import type { BusinessEvent } from "#core/calendar/business/business-calendar.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";

/** More than any enterprise plans; beyond it a file is an accident. */
export const maxEvents = 20_000;
export const maxOccurrences = 50_000;

/**
 * The occurrences of an iCalendar text that meet `between`, sorted by start. `zone` is the calendar's own: for days and
 * for times that name none. All or nothing: the first thing that cannot be read refuses the whole text.
 */
export function readCalendar(text: string, zone: string, between: Span): Result<readonly BusinessEvent[], IcalFault> {
  const found = readOccurrences(text, zone, between);
  return found.ok ? ok(byStart(found.value.map(({ event }) => event))) : found;
}

/** The same with what was written, in the order of the text. */
export function readOccurrences(text: string, zone: string, between: Span): Result<readonly Occurrence[], IcalFault> {
  const calendars = parseComponents(text);
  if (!calendars.ok) return calendars;
  const written = writtenEvents(calendars.value, eventLines(text), zone);
  if (!written.ok) return written;
  const found: Occurrence[] = [];
  for (const series of seriesOf(written.value)) {
    const occurrences = expandSeries(series, between);
    if (!occurrences.ok) return occurrences;
    found.push(...occurrences.value);
    if (found.length > maxOccurrences) return err(fault(`it holds more than ${maxOccurrences} occurrences`));
  }
  return ok(found);
}

/** Keys are made once: a comparison sees every event a dozen times. */
function byStart(events: readonly BusinessEvent[]): readonly BusinessEvent[] {
  return events
    .map((event) => ({ event, at: event.from.epochMilliseconds, key: `${event.uid}\n${event.occurrence}` }))
    .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
    .map(({ event }) => event);
}

function writtenEvents(
  calendars: readonly Component[],
  lines: readonly number[],
  zone: string,
): Result<readonly WrittenEvent[], IcalFault> {
  const context: TimeContext = { zoneNames: zoneNames(calendars), zone };
  const written: WrittenEvent[] = [];
  for (const calendar of calendars) {
    const isCancelled = textOf(calendar, "method")?.toUpperCase() === "CANCEL";
    for (const component of calendar.components.filter(({ name }) => name === "vevent")) {
      const event = readEvent(component, lines[written.length] ?? 1, context);
      if (!event.ok) return event;
      written.push(isCancelled ? { ...event.value, cancelled: true } : event.value);
      if (written.length > maxEvents) return err(fault(`it holds more than ${maxEvents} events`));
    }
  }
  return ok(written);
}

/** Puts the parts of a series together. Of two with the same name the one with the higher SEQUENCE counts, then the later. */
function seriesOf(written: readonly WrittenEvent[]): readonly EventSeries[] {
  const masters = new Map<string, WrittenEvent>();
  const overrides = new Map<string, Map<number, WrittenEvent>>();
  for (const event of written) {
    if (event.replaces === null) {
      keepNewer(masters, event.uid, event);
      continue;
    }
    const ofSeries = overrides.get(event.uid) ?? new Map<number, WrittenEvent>();
    overrides.set(event.uid, ofSeries);
    keepNewer(ofSeries, event.replaces.localMs, event);
  }
  const complete = [...masters.values()].map((master) => ({
    master,
    overrides: [...(overrides.get(master.uid)?.values() ?? [])],
  }));
  // Invitations to single occurrences come without their series: each stands for itself.
  const lone = [...overrides].filter(([uid]) => !masters.has(uid)).flatMap(([, events]) => [...events.values()]);
  return [...complete, ...lone.map((master) => ({ master, overrides: [] }))];
}

function keepNewer<K>(map: Map<K, WrittenEvent>, key: K, event: WrittenEvent): void {
  const known = map.get(key);
  if (known === undefined || known.sequence <= event.sequence) map.set(key, event);
}
