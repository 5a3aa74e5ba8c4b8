import { civilFromDays, daysFromCivil, daysInMonth, daysInYear, easterOf, weekdayOf } from "#core/calendar/civil.ts";
import type { Recurrence } from "#core/calendar/recurrence.ts";

/** The day-level half of a recurrence: BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYDAY, BYEASTER, all of them ANDed. */
export interface DayRule {
  readonly matches: (day: number) => boolean;
  /** Bit m-1 is set when days of month m can match. */
  readonly months: number;
  /** Bit w is set when days with weekday w (Monday = 0) can match. */
  readonly weekdays: number;
  /** With SKIP: the matching days that this month gives, overflow into a neighbour included, in order. */
  readonly daysOfMonthSkipping: ((year: number, month: number) => readonly number[]) | null;
}

/** The month and year that a day lies in; moves only when a day leaves it, since days are asked for in order. */
interface Place {
  monthStart: number;
  monthEnd: number;
  month: number;
  year: number;
  yearStart: number;
  yearLength: number;
}

type Test = (day: number, place: Place) => boolean;

const allMonths = 0xfff;
const allWeekdays = 0x7f;

/** Builds the day test of a recurrence; what the rule leaves out is taken from the anchor as RFC 5545 says. */
export function dayRuleOf(recurrence: Recurrence, anchorDay: number): DayRule {
  const rule = withAnchorParts(recurrence, anchorDay);
  const months = rule.byMonth.length === 0 ? allMonths : bits(rule.byMonth.map((month) => month - 1));
  const weekdays = rule.byDay.length === 0 ? allWeekdays : bits(rule.byDay.map(({ weekday }) => weekday));
  const skips = rule.skip !== "OMIT" && rule.byMonthDay.length > 0;
  const tests = testsOf(rule);
  const place: Place = { monthStart: 0, monthEnd: 0, month: 0, year: 0, yearStart: 0, yearLength: 0 };
  const passes = (day: number): boolean => {
    if ((weekdays & (1 << weekdayOf(day))) === 0) return false;
    if (day < place.monthStart || day >= place.monthEnd) moveTo(place, day);
    for (const test of tests) if (!test(day, place)) return false;
    return true;
  };
  const matches =
    months === allMonths && tests.length === 0
      ? (day: number) => (weekdays & (1 << weekdayOf(day))) !== 0
      : (day: number) => {
          if (day < place.monthStart || day >= place.monthEnd) moveTo(place, day);
          return (months & (1 << (place.month - 1))) !== 0 && passes(day);
        };
  const daysOfMonthSkipping = (year: number, month: number): readonly number[] =>
    (months & (1 << (month - 1))) === 0 ? [] : skippingDays(rule, year, month).filter((day) => passes(day));
  return { matches, months, weekdays, daysOfMonthSkipping: skips ? daysOfMonthSkipping : null };
}

function moveTo(place: Place, day: number): void {
  const { year, month, day: dayOfMonth } = civilFromDays(day);
  place.monthStart = day - dayOfMonth + 1;
  place.monthEnd = place.monthStart + daysInMonth(year, month);
  place.month = month;
  if (place.year !== year) {
    place.year = year;
    place.yearStart = daysFromCivil(year, 1, 1);
    place.yearLength = daysInYear(year);
  }
}

function bits(positions: readonly number[]): number {
  return positions.reduce((mask, position) => mask | (1 << position), 0);
}

function withAnchorParts(given: Recurrence, anchorDay: number): Recurrence {
  const isLong = given.frequency === "YEARLY" || given.frequency === "MONTHLY";
  // SKIP moves a date that a period generates; a shorter period only limits, so there is nothing to move.
  const rule: Recurrence = isLong ? given : { ...given, skip: "OMIT" };
  const choosesDays =
    rule.byWeekNumber.length +
      rule.byYearDay.length +
      rule.byMonthDay.length +
      rule.byDay.length +
      rule.byEaster.length >
    0;
  if (choosesDays) return rule;
  const { month, day } = civilFromDays(anchorDay);
  if (rule.frequency === "YEARLY") {
    return { ...rule, byMonth: rule.byMonth.length > 0 ? rule.byMonth : [month], byMonthDay: [day] };
  }
  if (rule.frequency === "MONTHLY") return { ...rule, byMonthDay: [day] };
  if (rule.frequency === "WEEKLY") return { ...rule, byDay: [{ weekday: weekdayOf(anchorDay), ordinal: 0 }] };
  return rule;
}

function testsOf(rule: Recurrence): readonly Test[] {
  const tests: Test[] = [];
  if (rule.byMonthDay.length > 0 && rule.skip === "OMIT") tests.push(monthDayTest(rule.byMonthDay));
  if (rule.byYearDay.length > 0) tests.push(yearDayTest(rule.byYearDay));
  if (rule.byWeekNumber.length > 0) tests.push(weekNumberTest(rule.byWeekNumber, rule.weekStart));
  if (rule.byEaster.length > 0) tests.push(easterTest(rule.byEaster));
  if (rule.byDay.some(({ ordinal }) => ordinal !== 0)) tests.push(ordinalTest(rule));
  return tests;
}

/** A table from 1..size, and from the end, to "chosen". */
function chooser(values: readonly number[], size: number): { fromStart: Uint8Array; fromEnd: Uint8Array } {
  const fromStart = new Uint8Array(size + 2);
  const fromEnd = new Uint8Array(size + 2);
  for (const value of values) {
    if (value > 0) fromStart[value] = 1;
    else fromEnd[-value] = 1;
  }
  return { fromStart, fromEnd };
}

function monthDayTest(values: readonly number[]): Test {
  const { fromStart, fromEnd } = chooser(values, 31);
  return (day, place) => fromStart[day - place.monthStart + 1] === 1 || fromEnd[place.monthEnd - day] === 1;
}

function yearDayTest(values: readonly number[]): Test {
  const { fromStart, fromEnd } = chooser(values, 366);
  return (day, { yearStart, yearLength }) =>
    fromStart[day - yearStart + 1] === 1 || fromEnd[yearStart + yearLength - day] === 1;
}

/** Weeks as in ISO 8601, but from any first day: week 1 is the first with at least four days in the year. */
function weekNumberTest(values: readonly number[], weekStart: number): Test {
  const { fromStart, fromEnd } = chooser(values, 53);
  let year = Number.NaN;
  let starts: readonly number[] = [];
  return (day, place) => {
    if (place.year !== year) {
      year = place.year;
      starts = [year - 1, year, year + 1, year + 2].map((y) => firstWeekOf(y, weekStart));
    }
    const index = day < (starts[1] ?? 0) ? 0 : day < (starts[2] ?? 0) ? 1 : 2;
    const first = starts[index] ?? 0;
    const next = starts[index + 1] ?? 0;
    const week = Math.floor((day - first) / 7) + 1;
    return fromStart[week] === 1 || fromEnd[(next - first) / 7 + 1 - week] === 1;
  };
}

function firstWeekOf(year: number, weekStart: number): number {
  const fourth = daysFromCivil(year, 1, 4);
  return fourth - ((weekdayOf(fourth) - weekStart + 7) % 7);
}

function easterTest(offsets: readonly number[]): Test {
  let year = Number.NaN;
  let chosen: readonly number[] = [];
  return (day, place) => {
    if (place.year !== year) {
      year = place.year;
      const easter = easterOf(year);
      chosen = offsets.map((offset) => easter + offset);
    }
    return chosen.includes(day);
  };
}

/** Ordinals count within the month, but within the year for a YEARLY rule without BYMONTH. */
function ordinalTest(rule: Recurrence): Test {
  const inYear = rule.frequency === "YEARLY" && rule.byMonth.length === 0;
  const plain = bits(rule.byDay.filter(({ ordinal }) => ordinal === 0).map(({ weekday }) => weekday));
  const tables = [0, 1, 2, 3, 4, 5, 6].map((weekday) =>
    chooser(
      rule.byDay.filter((entry) => entry.ordinal !== 0 && entry.weekday === weekday).map(({ ordinal }) => ordinal),
      53,
    ),
  );
  return (day, place) => {
    const weekday = weekdayOf(day);
    if ((plain & (1 << weekday)) !== 0) return true;
    const table = tables[weekday];
    const from = inYear ? place.yearStart : place.monthStart;
    const to = inYear ? place.yearStart + place.yearLength : place.monthEnd;
    const fromStart = Math.floor((day - from) / 7) + 1;
    const fromEnd = Math.floor((to - 1 - day) / 7) + 1;
    return table?.fromStart[fromStart] === 1 || table?.fromEnd[fromEnd] === 1;
  };
}

/** RFC 7529: a day that the month lacks becomes its last day (BACKWARD) or the first after it (FORWARD). */
function skippingDays(rule: Recurrence, year: number, month: number): readonly number[] {
  const start = daysFromCivil(year, month, 1);
  const length = daysInMonth(year, month);
  const days = rule.byMonthDay.map((value) => {
    const dayOfMonth = value > 0 ? value : length + 1 + value;
    if (dayOfMonth > length) return rule.skip === "FORWARD" ? start + length : start + length - 1;
    return start + dayOfMonth - 1;
  });
  return [...new Set(days)].sort((a, b) => a - b);
}
