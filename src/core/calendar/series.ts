import { endOfCalendarMs } from "#core/calendar/civil.ts";
import { periodsOf, type Periods } from "#core/calendar/periods.ts";
import type { Recurrence, RecurrenceError } from "#core/calendar/recurrence.ts";
import { err, ok, type Result } from "#core/result.ts";

/**
 * How many days or slots one question may look at without finding anything. They take well under 50 ms, so no rule can
 * hang a verdict, however it is written; and they are more than the 146,097 days after which the calendar repeats.
 */
export const maxFruitlessSteps = 200_000;

/** Days or slots that are walked from the anchor for a COUNT: five hundred years of days, well under 50 ms. */
const maxCountSteps = 200_000;

/** A rule that goes on giving is let go on: each occurrence allows for the days to the next 29 February on its weekday. */
const stepsPerOccurrence = 11_000;

/** Occurrences in one answer: four hundred days of a rule that occurs every minute, the longest range of an answer. */
export const maxOccurrences = 600_000;

/**
 * The occurrences of a recurrence from its anchor, in floating local time (local ms, see `civil.ts`). Every question
 * seeks: what it costs does not depend on how far the anchor is. Only COUNT is walked, once, from the anchor to what is
 * asked about.
 */
export interface Series {
  /** Occurrences in `[from, to)`, ascending. */
  readonly between: (from: number, to: number) => Result<readonly number[], RecurrenceError>;
  /** At most `limit` occurrences from `from` on, ascending. */
  readonly take: (from: number, limit: number) => Result<readonly number[], RecurrenceError>;
  /** The first occurrence at or after `from`; null when there is none before the year 10000. */
  readonly next: (from: number) => Result<number | null, RecurrenceError>;
  /** The last occurrence strictly before `to`. */
  readonly previous: (to: number) => Result<number | null, RecurrenceError>;
}

/** The series of a recurrence and its stored anchor; an anchor that does not match the rule is no occurrence of it. */
export function seriesOf(recurrence: Recurrence, anchor: number): Series {
  const periods = periodsOf(recurrence, anchor);
  const untilMs = Math.min(recurrence.until?.localMs ?? endOfCalendarMs - 1, endOfCalendarMs - 1);
  const bound = recurrence.count === null ? null : countedBound(periods, anchor, untilMs, recurrence.count);
  const lastWithin = (upTo: number): Result<number, RecurrenceError> => bound?.lastWithin(upTo) ?? ok(untilMs);
  const leftFrom = (from: number): Result<number, RecurrenceError> => bound?.leftFrom(from) ?? ok(Infinity);
  return {
    between: (from, to) => {
      const end = lastWithin(to - 1);
      return end.ok ? collect(periods, Math.max(from, anchor), Math.min(to - 1, end.value)) : end;
    },
    take: (from, limit) => {
      const left = leftFrom(from);
      return left.ok ? takeForward(periods, Math.max(from, anchor), untilMs, Math.min(limit, left.value)) : left;
    },
    next: (from) => {
      const left = leftFrom(from);
      if (!left.ok) return left;
      return left.value === 0 ? ok(null) : seekForward(periods, Math.max(from, anchor), untilMs);
    },
    previous: (to) => {
      const end = lastWithin(to - 1);
      return end.ok ? seekBackward(periods, anchor, Math.min(to - 1, end.value)) : end;
    },
  };
}

/** A series of one occurrence: a rule without recurrence. */
export function singleSeries(at: number): Series {
  return {
    between: (from, to) => ok(from <= at && at < to ? [at] : []),
    take: (from, limit) => ok(from <= at && limit > 0 ? [at] : []),
    next: (from) => ok(from <= at ? at : null),
    previous: (to) => ok(at < to ? at : null),
  };
}

function tooSeldom(): Result<never, RecurrenceError> {
  return err({ message: `the recurrence does not match within ${maxFruitlessSteps} steps of the search`, offset: 0 });
}

function tooFarToCount(): Result<never, RecurrenceError> {
  const message = `COUNT cannot be followed for more than ${maxCountSteps} steps from the start; use UNTIL instead`;
  return err({ message, offset: 0 });
}

function tooMany(): Result<never, RecurrenceError> {
  return err({ message: `the recurrence gives more than ${maxOccurrences} occurrences in the range`, offset: 0 });
}

function collect(periods: Periods, from: number, last: number): Result<readonly number[], RecurrenceError> {
  const found: number[] = [];
  let work = 0;
  for (let k = periods.indexOf(from); periods.startOf(k) <= last; k++) {
    work += periods.fill(k, found, from, Number.POSITIVE_INFINITY);
    if (found.length > maxOccurrences) return tooMany();
    if (work > maxFruitlessSteps + found.length * stepsPerOccurrence) return tooSeldom();
  }
  return ok(trim(found, from, last));
}

function takeForward(
  periods: Periods,
  from: number,
  last: number,
  limit: number,
): Result<readonly number[], RecurrenceError> {
  const taken: number[] = [];
  const found: number[] = [];
  let work = 0;
  for (let k = periods.indexOf(from); periods.startOf(k) <= last; k++) {
    found.length = 0;
    work += periods.fill(k, found, from, Number.POSITIVE_INFINITY);
    for (const at of found) {
      if (at < from) continue;
      if (at > last || taken.length >= limit) return ok(taken);
      taken.push(at);
    }
    if (taken.length >= limit) return ok(taken);
    if (work > maxFruitlessSteps + taken.length * stepsPerOccurrence) return tooSeldom();
  }
  return ok(taken);
}

/** Cuts what lies outside `[from, last]` off a sorted list. */
function trim(found: number[], from: number, last: number): readonly number[] {
  let length = found.length;
  while (length > 0 && (found[length - 1] ?? 0) > last) length--;
  found.length = length;
  let first = 0;
  while (first < length && (found[first] ?? 0) < from) first++;
  return first === 0 ? found : found.slice(first);
}

function seekForward(periods: Periods, from: number, last: number): Result<number | null, RecurrenceError> {
  const found: number[] = [];
  let work = 0;
  for (let k = periods.indexOf(from); periods.startOf(k) <= last; k++) {
    found.length = 0;
    work += periods.fill(k, found, from, from);
    for (const at of found) {
      if (at >= from) return ok(at <= last ? at : null);
    }
    if (work > maxFruitlessSteps) return tooSeldom();
  }
  return ok(null);
}

function seekBackward(periods: Periods, anchor: number, last: number): Result<number | null, RecurrenceError> {
  if (last < anchor) return ok(null);
  const found: number[] = [];
  let work = 0;
  for (let k = periods.lastIndexOf(last); k >= 0; k--) {
    found.length = 0;
    work += periods.fill(k, found, anchor, last);
    for (let i = found.length - 1; i >= 0; i--) {
      const at = found[i] ?? 0;
      if (at <= last) return ok(at >= anchor ? at : null);
    }
    if (work > maxFruitlessSteps) return tooSeldom();
  }
  return ok(null);
}

/** What COUNT lets through. */
interface CountedBound {
  /** The last occurrence where COUNT is spent at or before `upTo`, else the bound by UNTIL. */
  readonly lastWithin: (upTo: number) => Result<number, RecurrenceError>;
  /** How many occurrences COUNT still lets through from `from` on. */
  readonly leftFrom: (from: number) => Result<number, RecurrenceError>;
}

/** Counts from the anchor up to what is asked about and no further, going on where the last question stopped. */
function countedBound(periods: Periods, anchor: number, untilMs: number, count: number): CountedBound {
  const counted: number[] = [];
  const found: number[] = [];
  let k = 0;
  let work = 0;
  const countUpTo = (upTo: number): boolean => {
    for (; counted.length < count && periods.startOf(k) <= Math.min(upTo, untilMs); k++) {
      if (work > maxCountSteps) return false;
      found.length = 0;
      work += periods.fill(k, found, anchor, untilMs);
      for (const at of found) if (at >= anchor && at <= untilMs && counted.length < count) counted.push(at);
    }
    return true;
  };
  return {
    lastWithin: (upTo) => {
      if (!countUpTo(upTo)) return tooFarToCount();
      return ok(counted.length < count ? untilMs : (counted.at(-1) ?? untilMs));
    },
    leftFrom: (from) => (countUpTo(from - 1) ? ok(count - countBefore(counted, from)) : tooFarToCount()),
  };
}

function countBefore(sorted: readonly number[], from: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
