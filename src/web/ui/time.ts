/**
 * Every instant that a person reads goes through here. Relative texts are short and exact to their largest two units;
 * absolute ones name their zone. `now` is always an argument: it is the product's clock, not the machine's.
 */
const locale = "en-GB";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Zone of the viewer's machine, as an IANA name. */
export function viewerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `45 s`, `3 min`, `3 h 12 min`, `2 d 4 h`; never negative. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < minute) return `${whole} s`;
  if (whole < hour) return `${Math.floor(whole / minute)} min`;
  if (whole < day) return joined(Math.floor(whole / hour), "h", Math.floor((whole % hour) / minute), "min");
  return joined(Math.floor(whole / day), "d", Math.floor((whole % day) / hour), "h");
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `3 min ago`, `in 3 h 12 min`, `now` within five seconds. */
export function relative(at: Temporal.Instant, now: Temporal.Instant): string {
  const seconds = secondsBetween(now, at);
  if (Math.abs(seconds) < 5) return "now";
  return seconds > 0 ? `in ${span(seconds)}` : `${span(-seconds)} ago`;
}

/** `opens in 3 h 12 min`; once that has come it is judged again, and until then it says since when it is due. */
export function opensText(at: Temporal.Instant, now: Temporal.Instant): string {
  return Temporal.Instant.compare(at, now) > 0 ? `opens ${relative(at, now)}` : `due since ${age(at, now)}`;
}

/** `3 min`: how long ago, for columns whose heading says "age". */
export function age(at: Temporal.Instant, now: Temporal.Instant): string {
  return span(secondsBetween(at, now));
}

export function secondsBetween(from: Temporal.Instant, to: Temporal.Instant): number {
  return (to.epochMilliseconds - from.epochMilliseconds) / 1000;
}

/**
 * `Sat 28 Mar 2026, 01:00 Europe/Berlin`: with the year and the zone by its name, so that it can be quoted. In the hour
 * that the clocks repeat, the offset says which of the two is meant.
 */
export function absolute(at: Temporal.Instant, zone: string): string {
  return `${wallClock(at, zone)} ${zone}`;
}

/** The same without the zone, where the zone stands beside it. */
export function wallClock(at: Temporal.Instant, zone: string): string {
  const text = format(at, zone, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  return isRepeated(at, zone) ? `${text} ${at.toZonedDateTimeISO(zone).offset}` : text;
}

function isRepeated(at: Temporal.Instant, zone: string): boolean {
  const local = at.toZonedDateTimeISO(zone).toPlainDateTime();
  const [first, second] = [
    local.toZonedDateTime(zone, { disambiguation: "earlier" }),
    local.toZonedDateTime(zone, { disambiguation: "later" }),
  ];
  return first.epochMilliseconds !== second.epochMilliseconds;
}

/** `14:05:09` in the zone: for lines of a timeline and axes. */
export function timeOfDay(at: Temporal.Instant, zone: string): string {
  return at.toZonedDateTimeISO(zone).toPlainTime().toString({ smallestUnit: "second" });
}

/** Both readings for the tooltip: `Sat 28 Mar 2026, 01:00:00 Europe/Berlin · 2026-03-28 00:00:00 UTC`. */
export function bothZones(at: Temporal.Instant, zone: string): string {
  const local = format(at, zone, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return `${local} ${zone} · ${utc(at)}`;
}

/** `2026-03-28 00:00:00 UTC`. */
export function utc(at: Temporal.Instant): string {
  const plain = at.toZonedDateTimeISO("UTC").toPlainDateTime().toString({ smallestUnit: "second" });
  return `${plain.replace("T", " ")} UTC`;
}

/** The instant as the contract writes it, to the second. */
export function wire(at: Temporal.Instant): string {
  return at.toString({ smallestUnit: "second" });
}

/** Value of an `<input type="datetime-local">` in the zone. */
export function toLocalField(at: Temporal.Instant, zone: string): string {
  return at.toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: "minute" });
}

/** The instant a person typed into such a field; null while it is incomplete. In a gap or an overlap: RFC 5545. */
export function fromLocalField(text: string, zone: string): Temporal.Instant | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return null;
  const local = Temporal.PlainDateTime.from(text);
  return local.toZonedDateTime(zone, { disambiguation: "compatible" }).toInstant();
}

function format(at: Temporal.Instant, zone: string, options: Intl.DateTimeFormatOptions): string {
  const text = at.toLocaleString(locale, { ...options, timeZone: zone, hourCycle: "h23" });
  // Engines differ on the comma after the weekday; one way of writing it everywhere.
  return text.replace(/^(\p{L}+),/u, "$1");
}
