import { elapsedMs } from "#core/policy/say.ts";

/**
 * When something is due that has so much time from `at` on. Its days (a week has five) are working days in the zone,
 * Monday to Friday at the same local time; hours and less are elapsed time. `P5D` from a Monday is the next Monday. The
 * zone is one of the catalog; one that this process does not know counts as UTC.
 */
export function dueAfter(at: Temporal.Instant, within: Temporal.Duration, zone: string): Temporal.Instant {
  let local = inZone(at, zone);
  let left = within.days + within.weeks * workingDaysOfWeek;
  while (left > 0) {
    local = local.add({ days: 1 });
    if (local.dayOfWeek <= workingDaysOfWeek) left -= 1;
  }
  return local.toInstant().add({ milliseconds: Math.ceil(elapsedMs(within.with({ days: 0, weeks: 0 }))) });
}

const workingDaysOfWeek = 5;

function inZone(at: Temporal.Instant, zone: string): Temporal.ZonedDateTime {
  try {
    return at.toZonedDateTimeISO(zone);
  } catch {
    return at.toZonedDateTimeISO("UTC");
  }
}
