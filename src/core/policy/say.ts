import { civilFromDays, dayMs, daysFromCivil, hourMs, minuteMs, weekdayOf } from "#core/calendar/civil.ts";
import { zoneOf } from "#core/calendar/zone.ts";
import { compareInstants } from "#core/span.ts";

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * An instant for a person: in the zone given and in UTC, to the minute, such as
 * `Sat 28 Mar 2026 01:00 Europe/Berlin (2026-03-28T00:00Z)`. Without a zone, or with one that this process does not
 * know, UTC alone. The names are fixed, so equal instants give equal sentences whatever the locale.
 */
export function sayInstant(at: Temporal.Instant, zone: string | null): string {
  const ms = at.epochMilliseconds;
  if (zone !== null && ms >= plainFromMs && ms < plainToMs) {
    const known = zoneOf(zone);
    if (known !== null) return `${sayLocalMs(ms + known.offsetAt(ms))} ${zone} (${utcOfMs(ms)})`;
  }
  const utc = at.toString({ smallestUnit: "minute" });
  const local = zone === null ? null : inZone(at, zone);
  return local === null ? utc : `${sayLocal(local)} ${zone} (${utc})`;
}

// Between these the year has four digits on every clock and numbers will do; Temporal takes ten times as long.
const plainFromMs = daysFromCivil(1970, 1, 2) * dayMs;
const plainToMs = daysFromCivil(9999, 12, 30) * dayMs;

function sayLocalMs(localMs: number): string {
  const days = Math.floor(localMs / dayMs);
  const { year, month, day } = civilFromDays(days);
  return `${weekdays[weekdayOf(days)]} ${day} ${months[month - 1]} ${year} ${timeOfDay(localMs - days * dayMs)}`;
}

function utcOfMs(ms: number): string {
  const days = Math.floor(ms / dayMs);
  const { year, month, day } = civilFromDays(days);
  return `${year}-${pad(month)}-${pad(day)}T${timeOfDay(ms - days * dayMs)}Z`;
}

function timeOfDay(ms: number): string {
  return `${pad(Math.floor(ms / hourMs))}:${pad(Math.floor((ms % hourMs) / minuteMs))}`;
}

function inZone(at: Temporal.Instant, zone: string): Temporal.ZonedDateTime | null {
  try {
    return at.toZonedDateTimeISO(zone);
  } catch {
    return null;
  }
}

function sayLocal(local: Temporal.ZonedDateTime): string {
  const time = `${pad(local.hour)}:${pad(local.minute)}`;
  return `${weekdays[local.dayOfWeek - 1]} ${local.day} ${months[local.month - 1]} ${local.year} ${time}`;
}

function pad(n: number): string {
  return String(n).padStart(2, "0");
}

/** Elapsed time for a person, to the minute, rounded up: `3 h 30 min`, `2 d`, `less than a minute` never: `1 min`. */
export function sayDuration(duration: Temporal.Duration): string {
  let minutes = Math.ceil(elapsedMs(duration) / 60_000);
  const parts: string[] = [];
  for (const [unit, size] of [
    ["d", 1440],
    ["h", 60],
    ["min", 1],
  ] as const) {
    const count = Math.floor(minutes / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    minutes -= count * size;
  }
  return parts.length === 0 ? "0 min" : parts.join(" ");
}

/**
 * The duration as elapsed milliseconds: a day is 24 hours, a week seven of them. Years and months have no fixed
 * length: a RangeError.
 */
export function elapsedMs(duration: Temporal.Duration): number {
  for (const known of lengths) if (known.duration === duration) return known.ms;
  const ms = lengthOf(duration);
  lengths[nextLength] = { duration, ms };
  nextLength = (nextLength + 1) % maxLengths;
  return ms;
}

/** The last ones asked about: rules of one verdict ask for the same few lengths, and Temporal tells ten figures of each. */
const lengths: { readonly duration: Temporal.Duration; readonly ms: number }[] = [];
const maxLengths = 4;
let nextLength = 0;

function lengthOf(duration: Temporal.Duration): number {
  if (duration.years !== 0 || duration.months !== 0) {
    throw new RangeError(`${duration.toString()} has no fixed length: write it in weeks, days or hours`);
  }
  const hours = (duration.weeks * 7 + duration.days) * 24 + duration.hours;
  const seconds = (hours * 60 + duration.minutes) * 60 + duration.seconds;
  return seconds * 1000 + duration.milliseconds + duration.microseconds / 1000 + duration.nanoseconds / 1_000_000;
}

/** The instant that much elapsed time later. Errors as `elapsedMs`. */
export function after(at: Temporal.Instant, duration: Temporal.Duration): Temporal.Instant {
  const ms = Math.ceil(elapsedMs(duration));
  // Adding numbers takes a fraction of the time; Temporal knows what lies beyond milliseconds.
  return at.epochNanoseconds % 1_000_000n === 0n
    ? Temporal.Instant.fromEpochMilliseconds(at.epochMilliseconds + ms)
    : at.add({ milliseconds: ms });
}

/** True when that much elapsed time after the instant has passed at the moment: `after(at, duration)` is not after it. */
export function isOver(at: Temporal.Instant, duration: Temporal.Duration, moment: Temporal.Instant): boolean {
  if (at.epochNanoseconds % 1_000_000n !== 0n) return compareInstants(after(at, duration), moment) <= 0;
  // Whole milliseconds: no instant has to be made, which takes as long as all the rest.
  return at.epochMilliseconds + Math.ceil(elapsedMs(duration)) <= moment.epochMilliseconds;
}

/** `a`, `a or b`, `a, b or c`; beyond `limit` names the rest is counted. */
export function sayList(names: readonly string[], joint: "and" | "or", limit = 6): string {
  const shown = names.length > limit ? [...names.slice(0, limit), `${names.length - limit} more`] : names;
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} ${joint} ${shown[shown.length - 1]}`;
}

/** The first digits of a digest: enough to tell it from its neighbours, short enough for a sentence. */
export function sayDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

/** The first letter as a capital. */
export function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
