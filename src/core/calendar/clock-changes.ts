import type { Span } from "#core/span.ts";

/** A moment at which the clocks of a zone jump. Offsets in seconds from UTC. */
export interface ClockChange {
  readonly at: Temporal.Instant;
  readonly offsetBefore: number;
  readonly offsetAfter: number;
}

/** Zones change a handful of times a year; more than this in a range that anybody asks for is a fault of the zone data. */
const maxChanges = 64;

/** The clock changes of a known zone in `[from, to)`, in order. Rules of the zone that leave the offset alone are none. */
export function clockChangesIn(zone: string, { from, to }: Span): readonly ClockChange[] {
  const found: ClockChange[] = [];
  // A change at the very first instant counts: the search begins before it.
  let at: Temporal.ZonedDateTime | null = from.subtract({ milliseconds: 1 }).toZonedDateTimeISO(zone);
  while (found.length < maxChanges) {
    at = at.getTimeZoneTransition("next");
    if (at === null || Temporal.Instant.compare(at.toInstant(), to) >= 0) return found;
    const offsetBefore = Math.round(at.subtract({ nanoseconds: 1 }).offsetNanoseconds / 1e9);
    const offsetAfter = Math.round(at.offsetNanoseconds / 1e9);
    if (offsetBefore !== offsetAfter) found.push({ at: at.toInstant(), offsetBefore, offsetAfter });
  }
  return found;
}
