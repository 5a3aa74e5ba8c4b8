/**
 * Arithmetic on local wall-clock time as plain numbers. A *local ms* is the count of milliseconds from
 * 1970-01-01T00:00 to a wall-clock reading, without any zone; a *day* is the count of whole days from there.
 * Numbers instead of Temporal objects because recurrences touch hundreds of days per answer.
 * The calendar is the proleptic Gregorian one, as in ISO 8601.
 */
export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** The first local ms that no rule reaches: the start of the year 10000, where RFC 5545 dates end. */
export const endOfCalendarMs = daysFromCivil(10_000, 1, 1) * dayMs;

/** Days from 1970-01-01 to the given date. Counted in years that begin in March, so a leap day comes last. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * monthFromMarch + 2) / 5) + day - 719_469;
}

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const daysIn400Years = 146_097;
const marchFirstYearZero = 719_468;

/** The date of a day number; the inverse of `daysFromCivil`. */
export function civilFromDays(days: number): CivilDate {
  const shifted = days + marchFirstYearZero;
  const cycle = Math.floor(shifted / daysIn400Years);
  const dayOfCycle = shifted - cycle * daysIn400Years;
  const yearOfCycle = Math.floor(
    (dayOfCycle - Math.floor(dayOfCycle / 1460) + Math.floor(dayOfCycle / 36_524) - Math.floor(dayOfCycle / 146_096)) /
      365,
  );
  const dayOfYear = dayOfCycle - (yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0), month, day };
}

/** Monday is 0, Sunday is 6. */
export function weekdayOf(day: number): number {
  const rest = (day + 3) % 7;
  return rest < 0 ? rest + 7 : rest;
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInYear(year: number): number {
  return isLeapYear(year) ? 366 : 365;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Day number of Western Easter Sunday: the Sunday after the first ecclesiastical full moon on or after 21 March,
 * from the golden number and the century's corrections for skipped leap days and the moon's drift.
 */
export function easterOf(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const moonDrift = Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + century - Math.floor(century / 4) - moonDrift + 15) % 30;
  const late = epact > 28 || (epact === 28 && golden > 10) ? 1 : 0;
  const fullMoon = daysFromCivil(year, 3, 21) + epact - late;
  return fullMoon + 7 - ((weekdayOf(fullMoon) + 1) % 7);
}

/** Local ms of a wall-clock reading; parts of a millisecond are dropped. */
export function toLocalMs(at: Temporal.PlainDateTime): number {
  return (
    daysFromCivil(at.year, at.month, at.day) * dayMs +
    at.hour * hourMs +
    at.minute * minuteMs +
    at.second * secondMs +
    at.millisecond
  );
}

/** The wall-clock reading of a local ms. */
export function fromLocalMs(localMs: number): Temporal.PlainDateTime {
  const days = Math.floor(localMs / dayMs);
  const { year, month, day } = civilFromDays(days);
  return new Temporal.PlainDateTime(year, month, day).add({ milliseconds: localMs - days * dayMs });
}
