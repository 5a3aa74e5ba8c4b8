import type { Property } from "#connectors/ical/jcal.ts";
import type { ZoneNames } from "#connectors/ical/zones.ts";
import { readDate } from "#core/calendar/recurrence-set.ts";
import { zoneOf, type Zone } from "#core/calendar/zone.ts";
import { err, ok, type Result } from "#core/result.ts";

/** A reading of a clock in a zone; an all-day one is the midnight at which the day begins. */
export interface ZonedTime {
  readonly localMs: number;
  readonly zone: string;
  readonly form: "date" | "date-time";
}

export interface TimeContext {
  readonly zoneNames: ZoneNames;
  /** The calendar's own zone: for days and for times without a zone. */
  readonly zone: string;
}

/** Reads every value of a DTSTART, DTEND, EXDATE, RDATE or RECURRENCE-ID. */
export function readTimes(property: Property, context: TimeContext): Result<readonly ZonedTime[], string> {
  const label = property.name.toUpperCase();
  if (property.type === "period") return err(`${label} holds periods; write its occurrences as events of their own`);
  const tzid = property.parameters["tzid"];
  const named = typeof tzid === "string" ? context.zoneNames(tzid) : null;
  if (typeof tzid === "string" && named === null)
    return err(`${label} is in a zone that nobody knows, "${tzid.slice(0, 60)}"; use an IANA or a Windows name`);
  const times: ZonedTime[] = [];
  for (const value of property.values) {
    const text = String(value);
    const read = readDate(text);
    if (read === null) return err(`${label} holds "${text.slice(0, 40)}", which is no date or time that exists`);
    const zone = text.endsWith("Z") ? "UTC" : read.form === "date" ? context.zone : (named ?? context.zone);
    times.push({ localMs: read.localMs, zone, form: read.form });
  }
  return ok(times);
}

/** The instant of a reading as RFC 5545 says: in a gap by the offset from before it, in an overlap the first. */
export function instantOf({ localMs, zone }: Pick<ZonedTime, "localMs" | "zone">): Temporal.Instant {
  // The law of `resolvePoint`, without a Temporal object for every reading: a file holds ten thousand.
  const known = knownZone(zone);
  return Temporal.Instant.fromEpochMilliseconds(
    known.onlyInstantOf(localMs) ?? known.readingsOf(localMs).byOffsetBefore,
  );
}

/** The instant at which something ends: where a reading happens twice the last one, so that no freeze ends too early. */
export function endInstantOf({ localMs, zone }: Pick<ZonedTime, "localMs" | "zone">): Temporal.Instant {
  const known = knownZone(zone);
  return Temporal.Instant.fromEpochMilliseconds(known.onlyInstantOf(localMs) ?? known.readingsOf(localMs).last);
}

function knownZone(name: string): Zone {
  const zone = zoneOf(name);
  if (zone === null) throw new Error(`the zone ${name} was known when the time was read`);
  return zone;
}

/** The same instant as a reading of the clocks in another zone. */
export function inZone(time: ZonedTime, zone: string): ZonedTime {
  if (time.form === "date" || time.zone === zone) return { ...time, zone };
  const known = knownZone(zone);
  const epochMs = instantOf(time).epochMilliseconds;
  return { localMs: epochMs + known.offsetAt(epochMs), zone, form: time.form };
}

/** `P1DT2H` as days on the calendar and milliseconds on the clock; null when it is not a length. */
export function readLength(text: string): { readonly days: number; readonly ms: number } | null {
  try {
    const duration = Temporal.Duration.from(text.replace(/^\+/, ""));
    if (duration.sign < 0 || duration.years !== 0 || duration.months !== 0) return null;
    const days = duration.weeks * 7 + duration.days;
    return { days, ms: duration.with({ weeks: 0, days: 0 }).total("milliseconds") };
  } catch {
    return null;
  }
}
