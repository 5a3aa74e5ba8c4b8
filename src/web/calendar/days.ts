import type { Span } from "#core/span.ts";

/** A day of a zone as the clocks there show it: it can have 23, 24, 24.5 or 25 hours. */
export interface Day {
  readonly date: Temporal.PlainDate;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
  readonly hours: number;
}

const daysOfWeek = 7;
/** A month never needs more than six weeks that begin on Monday; always six keeps the page from jumping. */
const weeksOfMonth = 6;

export function dayOf(date: Temporal.PlainDate, zone: string): Day {
  const start = date.toZonedDateTime(zone);
  const end = date.add({ days: 1 }).toZonedDateTime(zone);
  // A zone that skipped a whole day (Samoa, 2011) gives it no length; no instant falls on it.
  const hours = (end.epochMilliseconds - start.epochMilliseconds) / 3_600_000;
  return { date, from: start.toInstant(), to: end.toInstant(), hours };
}

/** The week of a date, from Monday on. */
export function weekOf(date: Temporal.PlainDate, zone: string): readonly Day[] {
  const monday = date.subtract({ days: date.dayOfWeek - 1 });
  return Array.from({ length: daysOfWeek }, (_, index) => dayOf(monday.add({ days: index }), zone));
}

/** Six weeks around the month of a date, from the Monday at or before its first on. */
export function monthOf(date: Temporal.PlainDate, zone: string): readonly (readonly Day[])[] {
  const first = date.with({ day: 1 });
  return Array.from({ length: weeksOfMonth }, (_, index) => weekOf(first.add({ days: index * daysOfWeek }), zone));
}

/** From the first day's beginning to the last day's end. */
export function rangeOf(days: readonly Day[]): Span {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) throw new Error("a range has at least one day");
  return { from: first.from, to: last.to };
}

/** Where a span lies in a range as shares of its elapsed time, cut to it; null when they do not meet. */
export interface Place {
  readonly start: number;
  readonly width: number;
}

export function placeIn(range: Span, span: Span): Place | null {
  const [from, to] = [range.from.epochMilliseconds, range.to.epochMilliseconds];
  const start = Math.max(from, span.from.epochMilliseconds);
  const end = Math.min(to, span.to.epochMilliseconds);
  if (end <= start || to <= from) return null;
  return { start: (start - from) / (to - from), width: (end - start) / (to - from) };
}

/** Where an instant lies in a range; null outside of it. */
export function shareOf(range: Span, at: Temporal.Instant): number | null {
  const [from, to, ms] = [range.from.epochMilliseconds, range.to.epochMilliseconds, at.epochMilliseconds];
  return ms < from || ms >= to ? null : (ms - from) / (to - from);
}

export function spanOf({ from, to }: { readonly from: string; readonly to: string }): Span {
  return { from: Temporal.Instant.from(from), to: Temporal.Instant.from(to) };
}

export type Step =
  | "previous-day"
  | "next-day"
  | "previous-week"
  | "next-week"
  | "week-start"
  | "week-end"
  | "previous-month"
  | "next-month";

/** The date after a key: days and weeks by the calendar, never by 24 hours. */
export function stepped(date: Temporal.PlainDate, step: Step): Temporal.PlainDate {
  switch (step) {
    case "previous-day":
      return date.subtract({ days: 1 });
    case "next-day":
      return date.add({ days: 1 });
    case "previous-week":
      return date.subtract({ weeks: 1 });
    case "next-week":
      return date.add({ weeks: 1 });
    case "week-start":
      return date.subtract({ days: date.dayOfWeek - 1 });
    case "week-end":
      return date.add({ days: daysOfWeek - date.dayOfWeek });
    case "previous-month":
      return date.subtract({ months: 1 });
    case "next-month":
      return date.add({ months: 1 });
  }
}

/** What the arrows beside the heading step by. */
export const viewSteps = {
  month: ["previous-month", "next-month"],
  week: ["previous-week", "next-week"],
  agenda: ["previous-week", "next-week"],
} as const satisfies Readonly<Record<string, readonly [Step, Step]>>;
