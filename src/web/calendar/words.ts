import type { Span } from "#core/span.ts";

/** How times of the calendar are written: always with the offset where two clocks could be meant. */
const locale = "en-GB";

/** `01:00` in the zone; 24:00 where a span ends at midnight of the day it began on. */
export function clockText(at: Temporal.Instant, zone: string): string {
  return at.toZonedDateTimeISO(zone).toPlainTime().toString({ smallestUnit: "minute" });
}

/** `Sat 28 Mar 01:00`. */
export function dayClockText(at: Temporal.Instant, zone: string): string {
  return `${dayText(at.toZonedDateTimeISO(zone).toPlainDate())} ${clockText(at, zone)}`;
}

export function dayText(date: Temporal.PlainDate): string {
  return format(date, { weekday: "short", day: "numeric", month: "short" });
}

export function longDayText(date: Temporal.PlainDate): string {
  return format(date, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

export function monthText(date: Temporal.PlainDate): string {
  return format(date, { month: "long", year: "numeric" });
}

function format(date: Temporal.PlainDate, options: Intl.DateTimeFormatOptions): string {
  const text = date
    .toZonedDateTime("UTC")
    .toInstant()
    .toLocaleString(locale, { ...options, timeZone: "UTC" });
  return text.replace(/^(\p{L}+),/u, "$1");
}

/** `Sat 28 Mar 01:00 – 05:00`, with the second day where it is another one. */
export function spanText({ from, to }: Span, zone: string): string {
  const [start, end] = [from.toZonedDateTimeISO(zone), to.toZonedDateTimeISO(zone)];
  const isOneDay = start.toPlainDate().equals(end.toPlainDate());
  return `${dayClockText(from, zone)} – ${isOneDay ? clockText(to, zone) : dayClockText(to, zone)}`;
}

/** The same span on several clocks, each named with its zone and offset, each zone once. */
export function spanInZones(span: Span, zones: readonly string[]): readonly { zone: string; text: string }[] {
  return [...new Set([...zones, "UTC"])].map((zone) => ({
    zone,
    text: `${spanText(span, zone)} ${zone}${offsetText(span, zone)}`,
  }));
}

/** ` (+01:00)`, or both offsets when the clocks change in between. */
function offsetText({ from, to }: Span, zone: string): string {
  if (zone === "UTC") return "";
  const [start, end] = [from.toZonedDateTimeISO(zone).offset, to.toZonedDateTimeISO(zone).offset];
  return start === end ? ` (${start})` : ` (${start}, then ${end})`;
}

/** `25 hours`, `24.5 hours`: only for days that differ from what everybody expects. */
export function oddLength(hours: number): string | null {
  return hours === 24 ? null : `${Number(hours.toFixed(2))} hours`;
}

/** `4 h`, `3 h 30 min`, `2 d 4 h`. */
export function lengthText({ from, to }: Span): string {
  const minutes = Math.round((to.epochMilliseconds - from.epochMilliseconds) / 60_000);
  return minutesText(minutes);
}

export function minutesText(minutes: number): string {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (days > 1) return [`${days} d`, ...(hours > 0 ? [`${hours} h`] : [])].join(" ");
  const all = days * 24 + hours;
  return [...(all > 0 ? [`${all} h`] : []), ...(rest > 0 || all === 0 ? [`${rest} min`] : [])].join(" ");
}
