import { sayInstant } from "#core/policy/say.ts";
import { usage } from "./exit.ts";
import type { Io } from "./io.ts";

/** What was asked for and, where the clock has a say in it, what was made of it. */
export interface GivenTime {
  readonly instant: Temporal.Instant;
  /** The wall-clock time does not exist or comes twice: how it was taken. Null: it was clear. */
  readonly note: string | null;
}

const examples = "Write '2026-11-24T22:00[Europe/Berlin]' (in quotes) or 2026-11-24T21:00:00Z";

/**
 * An instant from the command line: `2026-11-24T22:00[Europe/Berlin]`, or with an offset such as
 * `2026-11-24T21:00:00Z`. A bare local time is refused: nobody knows whose clock it means. A time that the clock skips
 * is taken as long after the gap as it lies in it, one that comes twice as the first (RFC 5545 §3.3.5); `talk` is told.
 */
export function parseAt(text: string, talk: Pick<Io, "say"> | null = null): Temporal.Instant {
  const { instant, note } = readTime(text);
  if (note !== null) talk?.say(note);
  return instant;
}

export function readTime(text: string): GivenTime {
  if (text.includes("[")) return readZoned(text);
  try {
    return { instant: Temporal.Instant.from(text), note: null };
  } catch {
    throw usage(`"${text}" is not an instant. ${examples}; a time without zone or offset says nothing.`);
  }
}

function readZoned(text: string): GivenTime {
  const zone = /\[!?([^\]=]+)\]/.exec(text)?.[1] ?? "";
  if (!isZone(zone)) throw usage(`"${zone}" in "${text}" is not an IANA zone known here. ${examples}.`);
  const read = (options: Temporal.ZonedDateTimeFromOptions): Temporal.ZonedDateTime | null => {
    try {
      return Temporal.ZonedDateTime.from(text, options);
    } catch {
      return null;
    }
  };
  const found = read({ disambiguation: "compatible", offset: "reject" });
  if (found !== null) return { instant: found.toInstant(), note: noteOf(text, found) };
  const loose = read({ disambiguation: "compatible", offset: "ignore" });
  if (loose === null) throw usage(`"${text}" is not a date and time. ${examples}.`);
  const is = `${loose.toPlainDateTime().toString()} in ${zone} has the offset ${loose.offset}`;
  throw usage(`The offset in "${text}" contradicts its zone: ${is}. Leave out one of them.`);
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== "";
  } catch {
    return false;
  }
}

/** An offset in the text says which of two times is meant; only without one there is something to say. */
function noteOf(text: string, found: Temporal.ZonedDateTime): string | null {
  const wall = Temporal.PlainDateTime.from(text);
  const hasOffset = /(?:Z|[+-]\d\d(?::?\d\d)?)\[/i.test(text);
  if (hasOffset) return null;
  const say = (zoned: Temporal.ZonedDateTime): string => `${zoned.toPlainDateTime().toString()}${zoned.offset}`;
  const taken = `${say(found)} (${found.toInstant().toString()})`;
  if (!found.toPlainDateTime().equals(wall)) {
    return `${wall.toString()} does not exist in ${found.timeZoneId}, the clocks are put forward over it; taken as ${taken}.`;
  }
  const later = wall.toZonedDateTime(found.timeZoneId, { disambiguation: "later" });
  if (later.epochNanoseconds === found.epochNanoseconds) return null;
  return `${wall.toString()} comes twice in ${found.timeZoneId}; taken as the first, ${taken}. The second is ${say(later)}.`;
}

/** An instant of the wire for a person: to the minute, in the zone and in UTC; with its seconds only where no zone is known. */
export function sayTime(instant: string, zone: string | null): string {
  const at = Temporal.Instant.from(instant);
  return zone === null ? at.toString({ smallestUnit: "second" }) : sayInstant(at, zone);
}

/** The same in the zone of whoever reads: what belongs to no environment has no zone of its own. */
export function sayHere(instant: string): string {
  return sayTime(instant, new Intl.DateTimeFormat().resolvedOptions().timeZone);
}

/** `3 h 12 m`, `45 s`, `2 d 4 h`: two units are enough for a person. */
export function roughly(duration: Temporal.Duration): string {
  const seconds = Math.abs(Math.round(duration.total("seconds")));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
