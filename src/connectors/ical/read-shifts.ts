import { fault, type IcalFault } from "#connectors/ical/jcal.ts";
import { readOccurrences } from "#connectors/ical/read-calendar.ts";
import type { ShiftEvent } from "#core/calendar/cover/shift-event.ts";
import { err, ok, type Result } from "#core/result.ts";
import { isBefore, type Span } from "#core/span.ts";

/**
 * The events of an iCalendar text as shifts that meet `between`, by start. Times and recurrences are read as for any
 * calendar. All or nothing: a shift without a length refuses the whole text, because nobody can say whom it covers.
 */
export function readShifts(text: string, zone: string, between: Span): Result<readonly ShiftEvent[], IcalFault> {
  const found = readOccurrences(text, zone, between);
  if (!found.ok) return found;
  const shifts: ShiftEvent[] = [];
  for (const { event, written } of found.value) {
    const { uid, from, to } = event;
    if (!isBefore(from, to)) return err(fault("the shift has no end (DTEND or DURATION)", written.line, uid));
    const { summary, attendees, hasAttendees, organizer, line } = written;
    shifts.push({ uid, line, from, to, summary, attendees: hasAttendees ? attendees : null, organizer });
  }
  return ok(shifts.toSorted((a, b) => Temporal.Instant.compare(a.from, b.from)));
}
