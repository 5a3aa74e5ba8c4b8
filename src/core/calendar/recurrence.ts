/**
 * A parsed RFC 5545 recurrence: data only, without its anchor. Lists are empty where the rule does not restrict.
 */
export interface Recurrence {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count: number | null;
  readonly until: Until | null;
  readonly byMonth: readonly number[];
  readonly byMonthDay: readonly number[];
  readonly byYearDay: readonly number[];
  readonly byWeekNumber: readonly number[];
  readonly byDay: readonly WeekdayRule[];
  readonly byHour: readonly number[];
  readonly byMinute: readonly number[];
  readonly bySecond: readonly number[];
  readonly bySetPosition: readonly number[];
  /** Days from Western Easter Sunday; not part of RFC 5545, known from dateutil. */
  readonly byEaster: readonly number[];
  /** Monday is 0, Sunday is 6. */
  readonly weekStart: number;
  /** RFC 7529: what becomes of a BYMONTHDAY that the month does not have. */
  readonly skip: Skip;
}

export const frequencies = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"] as const;
export type Frequency = (typeof frequencies)[number];
export type Skip = "OMIT" | "FORWARD" | "BACKWARD";

/** Weekday from Monday = 0; ordinal 0 means every one, 2 the second, -1 the last of the month or year. */
export interface WeekdayRule {
  readonly weekday: number;
  readonly ordinal: number;
}

/**
 * The last reading at which an occurrence may start, inclusive, in local ms. `date`: the end of that day.
 * `utc`: the digits of an instant written with Z; whoever knows the zone turns it into a local bound.
 */
export interface Until {
  readonly form: "date" | "local" | "utc";
  readonly localMs: number;
}

/** What is wrong with a recurrence; `offset` is the zero-based character in its text, or 0 for the rule as a whole. */
export interface RecurrenceError {
  readonly message: string;
  readonly offset: number;
}
