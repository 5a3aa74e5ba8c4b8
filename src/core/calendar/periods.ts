import {
  civilFromDays,
  dayMs,
  daysFromCivil,
  daysInMonth,
  hourMs,
  minuteMs,
  secondMs,
  weekdayOf,
} from "#core/calendar/civil.ts";
import { dayRuleOf, type DayRule } from "#core/calendar/day-rule.ts";
import type { Recurrence } from "#core/calendar/recurrence.ts";
import { unreachable } from "#core/result.ts";

/**
 * A recurrence cut into its periods, counted from that of the anchor (k = 0) in steps of INTERVAL. Below a day several
 * periods share one k, so that a day that cannot match is passed over at once.
 */
export interface Periods {
  /** The first k whose occurrences can reach `localMs`; never negative. */
  readonly indexOf: (localMs: number) => number;
  /** The last k whose occurrences can lie at or before `localMs`. */
  readonly lastIndexOf: (localMs: number) => number;
  /** Local ms before which period k has no occurrence. */
  readonly startOf: (k: number) => number;
  /**
   * Appends the occurrences of period k in order, and answers how much it looked at. What comes before `from` may be
   * left out, and so may what comes after the first one at or after `enough`.
   */
  readonly fill: (k: number, found: number[], from: number, enough: number) => number;
}

export function periodsOf(recurrence: Recurrence, anchor: number): Periods {
  const anchorDay = Math.floor(anchor / dayMs);
  const days = dayRuleOf(recurrence, anchorDay);
  switch (recurrence.frequency) {
    case "YEARLY":
    case "MONTHLY":
    case "WEEKLY":
    case "DAILY":
      return dayPeriods(recurrence, anchorDay, days, timesOfDay(recurrence, anchor));
    case "HOURLY":
      return slotPeriods(recurrence, anchor, days, hourMs);
    case "MINUTELY":
      return slotPeriods(recurrence, anchor, days, minuteMs);
    case "SECONDLY":
      return slotPeriods(recurrence, anchor, days, secondMs);
  }
  return unreachable(recurrence.frequency);
}

/** The times of day, in ms from midnight and in order, that BYHOUR, BYMINUTE and BYSECOND give; else the anchor's. */
function timesOfDay(recurrence: Recurrence, anchor: number): readonly number[] {
  const inDay = modulo(anchor, dayMs);
  const hours = recurrence.byHour.length > 0 ? recurrence.byHour : [Math.floor(inDay / hourMs)];
  return sortedUnique(
    hours.flatMap((hour) => offsetsInHour(recurrence, anchor).map((offset) => hour * hourMs + offset)),
  );
}

function offsetsInHour(recurrence: Recurrence, anchor: number): readonly number[] {
  const minutes =
    recurrence.byMinute.length > 0 ? recurrence.byMinute : [Math.floor(modulo(anchor, hourMs) / minuteMs)];
  return minutes.flatMap((minute) => offsetsInMinute(recurrence, anchor).map((offset) => minute * minuteMs + offset));
}

function offsetsInMinute(recurrence: Recurrence, anchor: number): readonly number[] {
  // A leap second (60) never comes on a civil clock, so it gives no occurrence.
  const seconds = recurrence.bySecond.filter((second) => second < 60);
  const inMinute = modulo(anchor, minuteMs);
  if (recurrence.bySecond.length === 0) return [inMinute];
  return seconds.map((second) => second * secondMs + (inMinute % secondMs));
}

function modulo(value: number, by: number): number {
  const rest = value % by;
  return rest < 0 ? rest + by : rest;
}

function sortedUnique(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

function dayPeriods(recurrence: Recurrence, anchorDay: number, days: DayRule, times: readonly number[]): Periods {
  const calendar = calendarPeriods(recurrence, anchorDay, days);
  const positions = recurrence.bySetPosition;
  // With SKIP=FORWARD a period can reach into the first day of the next, so seeking begins one earlier.
  const reach = days.daysOfMonthSkipping === null ? 0 : 1;
  const buffer: number[] = [];
  const fill = (k: number, found: number[]): number => {
    buffer.length = 0;
    const work = calendar.fillDays(k, buffer);
    const first = found.length;
    for (const day of buffer) for (const time of times) found.push(day * dayMs + time);
    if (positions.length > 0) keepPositions(found, first, positions);
    if (reach > 0) dropRepeats(found, first);
    return work;
  };
  const exactIndex = (localMs: number): number => calendar.indexOf(Math.floor(localMs / dayMs));
  return {
    indexOf: (localMs) => Math.max(0, exactIndex(localMs) - reach),
    lastIndexOf: exactIndex,
    startOf: (k) => calendar.firstDayOf(k) * dayMs,
    fill,
  };
}

interface CalendarPeriods {
  readonly indexOf: (day: number) => number;
  readonly firstDayOf: (k: number) => number;
  readonly fillDays: (k: number, days: number[]) => number;
}

function calendarPeriods(recurrence: Recurrence, anchorDay: number, days: DayRule): CalendarPeriods {
  const { interval, frequency } = recurrence;
  const anchor = civilFromDays(anchorDay);
  if (frequency === "YEARLY") {
    return {
      indexOf: (day) => Math.floor((civilFromDays(day).year - anchor.year) / interval),
      firstDayOf: (k) => daysFromCivil(anchor.year + k * interval, 1, 1),
      fillDays: (k, found) => fillYear(days, anchor.year + k * interval, found),
    };
  }
  if (frequency === "MONTHLY") {
    const anchorMonth = anchor.year * 12 + anchor.month - 1;
    const yearOf = (k: number): number => Math.floor((anchorMonth + k * interval) / 12);
    const monthOf = (k: number): number => ((anchorMonth + k * interval) % 12) + 1;
    return {
      indexOf: (day) => {
        const { year, month } = civilFromDays(day);
        return Math.floor((year * 12 + month - 1 - anchorMonth) / interval);
      },
      firstDayOf: (k) => daysFromCivil(yearOf(k), monthOf(k), 1),
      fillDays: (k, found) => 1 + fillMonth(days, yearOf(k), monthOf(k), found),
    };
  }
  const length = frequency === "WEEKLY" ? 7 : 1;
  const firstDay =
    frequency === "WEEKLY" ? anchorDay - ((weekdayOf(anchorDay) - recurrence.weekStart + 7) % 7) : anchorDay;
  return {
    indexOf: (day) => Math.floor((day - firstDay) / (length * interval)),
    firstDayOf: (k) => firstDay + k * length * interval,
    fillDays: (k, found) => {
      // The week of the anchor begins at the anchor: BYSETPOS counts from there (semantics §2.2), as in dateutil.
      const first = Math.max(firstDay + k * length * interval, anchorDay);
      return fillRange(days, first, firstDay + k * length * interval + length - first, found);
    },
  };
}

function fillYear(days: DayRule, year: number, found: number[]): number {
  let work = 1;
  for (let month = 1; month <= 12; month++) {
    if ((days.months & (1 << (month - 1))) !== 0) work += fillMonth(days, year, month, found);
  }
  return work;
}

function fillMonth(days: DayRule, year: number, month: number, found: number[]): number {
  if ((days.months & (1 << (month - 1))) === 0) return 0;
  if (days.daysOfMonthSkipping !== null) {
    for (const day of days.daysOfMonthSkipping(year, month)) found.push(day);
    return 31;
  }
  return fillRange(days, daysFromCivil(year, month, 1), daysInMonth(year, month), found);
}

function fillRange(days: DayRule, first: number, length: number, found: number[]): number {
  for (let day = first; day < first + length; day++) if (days.matches(day)) found.push(day);
  return length;
}

/** Replaces what was appended from `first` on by the members that BYSETPOS names, in order and each once. */
function keepPositions(found: number[], first: number, positions: readonly number[]): void {
  const length = found.length - first;
  const indexes = sortedUnique(
    positions.map((position) => (position > 0 ? position - 1 : length + position)).filter((i) => i >= 0 && i < length),
  );
  const kept = indexes.map((index) => found[first + index] ?? 0);
  found.length = first;
  for (const at of kept) found.push(at);
}

function dropRepeats(found: number[], first: number): void {
  let kept = first;
  for (let i = first; i < found.length; i++) {
    const at = found[i] ?? 0;
    const before = kept === 0 ? Number.NEGATIVE_INFINITY : (found[kept - 1] ?? 0);
    if (at > before) found[kept++] = at;
  }
  found.length = kept;
}

/** HOURLY, MINUTELY, SECONDLY: a period is one slot of an hour, minute or second. */
function slotPeriods(recurrence: Recurrence, anchor: number, days: DayRule, slotMs: number): Periods {
  const { interval } = recurrence;
  const firstSlot = Math.floor(anchor / slotMs);
  const isWide = interval * slotMs >= dayMs;
  // A chunk is what one k covers: a day, but an hour where a day holds too many slots, but one slot where it is longer.
  const chunkMs = isWide ? interval * slotMs : slotMs === secondMs ? hourMs : dayMs;
  const origin = isWide ? firstSlot * slotMs : Math.floor(anchor / chunkMs) * chunkMs;
  const slots = slotRuleOf(recurrence, anchor, slotMs);
  const fill = (k: number, found: number[], from: number, enough: number): number => {
    const begin = origin + k * chunkMs;
    if (!days.matches(Math.floor(begin / dayMs))) return 1;
    if (isWide) return slots.fill(begin / slotMs, begin + slotMs, interval, found, enough);
    const first = Math.floor(Math.max(begin, Math.min(from, begin + chunkMs)) / slotMs);
    return slots.fill(first + modulo(firstSlot - first, interval), begin + chunkMs, interval, found, enough);
  };
  const indexOf = (localMs: number): number => Math.floor((localMs - origin) / chunkMs);
  return {
    indexOf: (localMs) => Math.max(0, indexOf(localMs)),
    lastIndexOf: indexOf,
    startOf: (k) => origin + k * chunkMs,
    fill,
  };
}

interface SlotRule {
  /** Appends the occurrences of the slots `slot`, `slot + interval`, … before `end`, up to the first from `enough` on. */
  readonly fill: (slot: number, end: number, interval: number, found: number[], enough: number) => number;
}

function slotRuleOf(recurrence: Recurrence, anchor: number, slotMs: number): SlotRule {
  const hours = recurrence.byHour.length > 0 ? new Set(recurrence.byHour) : null;
  const minutes = slotMs < hourMs && recurrence.byMinute.length > 0 ? new Set(recurrence.byMinute) : null;
  const seconds = slotMs < minuteMs && recurrence.bySecond.length > 0 ? new Set(recurrence.bySecond) : null;
  const offsets = offsetsInSlot(recurrence, anchor, slotMs);
  /** How long nothing can match from here; 0 where the slot itself may. */
  const barredFor = (at: number): number => {
    if (hours !== null && !hours.has(Math.floor(modulo(at, dayMs) / hourMs))) return hourMs - modulo(at, hourMs);
    if (minutes !== null && !minutes.has(Math.floor(modulo(at, hourMs) / minuteMs))) {
      return minuteMs - modulo(at, minuteMs);
    }
    if (seconds !== null && !seconds.has(Math.floor(modulo(at, minuteMs) / secondMs))) return secondMs;
    return 0;
  };
  const fill: SlotRule["fill"] = (from, end, interval, found, enough) => {
    let work = 1;
    let slot = from;
    while (slot * slotMs < end) {
      work++;
      const barred = barredFor(slot * slotMs);
      if (barred === 0) for (const offset of offsets) found.push(slot * slotMs + offset);
      if (found.length > 0 && (found[found.length - 1] ?? 0) >= enough) break;
      slot += barred === 0 ? interval : Math.ceil(barred / slotMs / interval) * interval;
    }
    return work;
  };
  return { fill };
}

/** The occurrences within a slot, in ms from its start. Each slot has the same, so BYSETPOS chooses once for all. */
function offsetsInSlot(recurrence: Recurrence, anchor: number, slotMs: number): readonly number[] {
  const offsets =
    slotMs === hourMs
      ? offsetsInHour(recurrence, anchor)
      : slotMs === minuteMs
        ? offsetsInMinute(recurrence, anchor)
        : [modulo(anchor, secondMs)];
  const sorted = [...sortedUnique(offsets)];
  if (recurrence.bySetPosition.length > 0) keepPositions(sorted, 0, recurrence.bySetPosition);
  return sorted;
}
