/**
 * Spans of local rules against a watcher who knows nothing of recurrences or offsets: it walks minute by minute past
 * every clock change, reads the wall clock as Temporal shows it, and notes when a rule's start and end are shown. It
 * shares no code with the product. `TIDEGATE_CALENDAR_RUNS` sets how many rules are tried.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { spansOf } from "#core/calendar/expand.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import { spansIn } from "#core/calendar/span-set.ts";

const runs = Number(process.env["TIDEGATE_CALENDAR_RUNS"] ?? "1000");

/** A zone and the UTC date near which its clock does something awkward. */
const places = [
  ["Europe/Berlin", "2026-03-29"],
  ["Europe/Berlin", "2026-10-25"],
  ["America/New_York", "2026-03-08"],
  ["America/New_York", "2026-11-01"],
  ["Australia/Lord_Howe", "2026-04-04"],
  ["Australia/Lord_Howe", "2026-10-03"],
  ["Pacific/Apia", "2011-12-30"],
  ["Pacific/Apia", "2011-09-24"],
  ["Africa/Casablanca", "2025-02-23"],
  ["Africa/Casablanca", "2025-04-06"],
  ["Europe/Dublin", "2026-10-25"],
  ["Antarctica/Troll", "2026-03-29"],
  ["Antarctica/Troll", "2026-10-25"],
  ["America/Sao_Paulo", "2018-11-04"],
  ["America/Sao_Paulo", "2018-02-18"],
  ["America/Havana", "2026-11-01"],
  ["Asia/Beirut", "2023-03-25"],
  ["Asia/Gaza", "2023-04-29"],
  ["America/St_Johns", "2026-03-08"],
  ["Pacific/Chatham", "2026-04-04"],
  // Negative summer time by law, shown as an ordinary change.
  ["Europe/Dublin", "2026-03-29"],
  ["Europe/Dublin", "1971-10-31"],
  ["Pacific/Kwajalein", "1993-08-21"],
  ["Pacific/Kiritimati", "1994-12-31"],
  ["Africa/Cairo", "2023-04-28"],
  ["Africa/Cairo", "2023-10-27"],
  ["Asia/Beirut", "2023-03-29"],
  ["America/Asuncion", "2024-10-06"],
  ["America/Asuncion", "2024-03-24"],
  ["Asia/Tehran", "2022-03-22"],
  ["Asia/Amman", "2022-10-28"],
  ["Asia/Pyongyang", "2015-08-15"],
  ["Asia/Pyongyang", "2018-05-05"],
  ["America/Caracas", "2016-05-01"],
  ["Asia/Kathmandu", "1986-01-01"],
  ["America/Scoresbysund", "2024-03-31"],
  ["Antarctica/Casey", "2020-10-04"],
  ["Asia/Kolkata", "2026-03-29"],
] as const;

const minutesWatched = 6 * 1440;
/** Six days of UTC touch seven local ones, and eight where a day was lost. */
const localDaysWatched = 8;

interface Watch {
  readonly zone: string;
  readonly firstMs: number;
  /** What the wall clock shows at each minute, as minutes since some day 0, which is the first local day. */
  readonly shown: readonly number[];
  readonly dayZero: Temporal.PlainDate;
}

const watches = new Map<number, Watch>();

function watchOf(index: number): Watch {
  const known = watches.get(index);
  if (known !== undefined) return known;
  const [zone, date] = places[index] ?? ["UTC", "2026-01-01"];
  const first = Temporal.Instant.from(`${date}T00:00Z`).subtract({ hours: 72 });
  const dayZero = first.toZonedDateTimeISO(zone).toPlainDate();
  const midnight = dayZero.toPlainDateTime();
  const shown: number[] = [];
  for (let minute = 0; minute < minutesWatched; minute++) {
    const wall = first.add({ minutes: minute }).toZonedDateTimeISO(zone).toPlainDateTime();
    shown.push(Math.floor(midnight.until(wall).total("minutes")));
  }
  const watch = { zone, firstMs: first.epochMilliseconds, shown, dayZero };
  watches.set(index, watch);
  return watch;
}

/** The minutes at which the clock shows a reading; if it never does, the first at which it shows more. */
function showings({ shown }: Watch, reading: number): readonly number[] {
  const minutes = shown.flatMap((wall, minute) => (wall === reading ? [minute] : []));
  return minutes.length > 0 ? minutes : [shown.findIndex((wall) => wall > reading)];
}

interface Case {
  readonly place: number;
  readonly kind: "window" | "freeze";
  readonly startMinute: number;
  readonly end: { readonly wall: number } | { readonly elapsed: number };
  readonly days: Days;
  readonly anchorDaysBefore: number;
}

type Days =
  | { readonly every: "day"; readonly interval: number }
  | { readonly every: "week"; readonly interval: number; readonly weekdays: readonly number[] }
  | { readonly every: "month"; readonly ordinal: 1 | 2 | -1; readonly weekday: number }
  | { readonly every: "hour"; readonly interval: number };

const names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

function rruleOf(days: Days): string {
  switch (days.every) {
    case "day":
      return `FREQ=DAILY;INTERVAL=${days.interval}`;
    case "week":
      return `FREQ=WEEKLY;INTERVAL=${days.interval};BYDAY=${days.weekdays.map((weekday) => names[weekday - 1]).join(",")}`;
    case "month":
      return `FREQ=MONTHLY;BYDAY=${days.ordinal}${names[days.weekday - 1]}`;
    case "hour":
      return `FREQ=HOURLY;INTERVAL=${days.interval}`;
  }
}

/** The minutes of a local day at which the rule starts. Hours are counted on the wall clock, as dates are. */
function startsOn({ days, startMinute }: Case, anchor: Temporal.PlainDate, day: Temporal.PlainDate): readonly number[] {
  if (days.every !== "hour") return happensOn(days, anchor, day) ? [startMinute] : [];
  const before = anchor.until(day).days * 1440 - startMinute;
  const minutes = Array.from({ length: 24 }, (_, hour) => hour * 60 + (startMinute % 60));
  return minutes.filter((minute) => before + minute >= 0 && (before + minute) % (days.interval * 60) === 0);
}

function happensOn(
  days: Exclude<Days, { every: "hour" }>,
  anchor: Temporal.PlainDate,
  day: Temporal.PlainDate,
): boolean {
  const elapsed = anchor.until(day).days;
  if (elapsed < 0) return false;
  switch (days.every) {
    case "day":
      return elapsed % days.interval === 0;
    case "week": {
      const weeks = Math.floor((elapsed + anchor.dayOfWeek - 1) / 7);
      return weeks % days.interval === 0 && days.weekdays.includes(day.dayOfWeek);
    }
    case "month": {
      if (day.dayOfWeek !== days.weekday) return false;
      if (days.ordinal > 0) return Math.ceil(day.day / 7) === days.ordinal;
      return day.day + 7 > day.daysInMonth;
    }
  }
}

/** Which minutes of the watch are covered, by the words of the law and nothing else. */
function watchedSpans(watch: Watch, one: Case, anchor: Temporal.PlainDate): Uint8Array {
  const covered = new Uint8Array(minutesWatched);
  for (let day = 0; day < localDaysWatched; day++) {
    for (const startMinute of startsOn(one, anchor, watch.dayZero.add({ days: day }))) {
      const start = showings(watch, day * 1440 + startMinute)[0] ?? -1;
      if (start < 0) continue;
      const end = watchedEnd(watch, { ...one, startMinute }, day, start);
      covered.fill(1, start, Math.max(start, end));
    }
  }
  return covered;
}

function watchedEnd(watch: Watch, one: Case, day: number, start: number): number {
  if ("elapsed" in one.end) return start + one.end.elapsed;
  const nextDay = one.end.wall <= one.startMinute ? 1440 : 0;
  const minutes = showings(watch, day * 1440 + nextDay + one.end.wall);
  if (minutes[0] === -1) return minutesWatched;
  const chosen = one.kind === "freeze" ? minutes.at(-1) : (minutes.find((minute) => minute > start) ?? minutes.at(-1));
  return chosen ?? start;
}

const interestingMinute = fc.oneof(
  fc.integer({ min: 0, max: 1439 }),
  fc.integer({ min: 0, max: 16 }).map((quarter) => quarter * 15),
  fc.constantFrom(0, 1, 59, 60, 119, 120, 121, 150, 179, 180, 1439),
);

const someDays: fc.Arbitrary<Days> = fc.oneof(
  fc.record({ every: fc.constant("day" as const), interval: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    every: fc.constant("week" as const),
    interval: fc.integer({ min: 1, max: 2 }),
    weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
  }),
  fc.record({
    every: fc.constant("month" as const),
    ordinal: fc.constantFrom(1 as const, 2 as const, -1 as const),
    weekday: fc.integer({ min: 1, max: 7 }),
  }),
  fc.record({ every: fc.constant("hour" as const), interval: fc.integer({ min: 1, max: 30 }) }),
);

const someCase: fc.Arbitrary<Case> = fc.record({
  place: fc.integer({ min: 0, max: places.length - 1 }),
  kind: fc.constantFrom("window", "freeze"),
  startMinute: interestingMinute,
  end: fc.oneof(
    fc.record({ wall: fc.oneof(interestingMinute, fc.constant(1440)) }),
    fc.record({ elapsed: fc.integer({ min: 1, max: 2000 }) }),
  ),
  days: someDays,
  anchorDaysBefore: fc.integer({ min: 0, max: 4000 }),
});

test("spans equal what a watcher of the wall clock notes, minute by minute, around nearly forty clock changes", () => {
  fc.assert(
    fc.property(someCase, (one) => {
      const watch = watchOf(one.place);
      const anchor = watch.dayZero.subtract({ days: one.anchorDaysBefore });
      const rule: LocalRule = {
        zone: watch.zone,
        start: anchor.toPlainDateTime({ hour: Math.floor(one.startMinute / 60), minute: one.startMinute % 60 }),
        rrule: rruleOf(one.days),
        end:
          "wall" in one.end
            ? { kind: "wall", minuteOfDay: one.end.wall }
            : { kind: "elapsed", duration: Temporal.Duration.from({ minutes: one.end.elapsed }) },
        exdates: [],
      };
      // The outer days are left out: what began before the watch, or ends after it, was not seen whole.
      const from = 2 * 1440;
      const to = 5 * 1440;
      const at = (minute: number): Temporal.Instant =>
        Temporal.Instant.fromEpochMilliseconds(watch.firstMs + minute * 60_000);
      const spans = spansOf(one.kind, rule, "UTC", { from: at(from), to: at(to) });
      assert.ok(spans.ok);
      const found = new Uint8Array(minutesWatched);
      for (const span of spansIn(spans.value)) {
        const minuteOf = (instant: Temporal.Instant): number => (instant.epochMilliseconds - watch.firstMs) / 60_000;
        found.fill(1, minuteOf(span.from), minuteOf(span.to));
      }
      assert.deepEqual(found.slice(from, to), watchedSpans(watch, one, anchor).slice(from, to));
    }),
    { numRuns: runs },
  );
});
