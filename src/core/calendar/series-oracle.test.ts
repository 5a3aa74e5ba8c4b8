/**
 * Recurrences against the plainest reading of RFC 5545: every day of every period is looked at through the fields that
 * Temporal gives a date, every time of day is tried, BYSETPOS picks from the list, COUNT counts it. It shares no code
 * with the product. `TIDEGATE_CALENDAR_RUNS` sets how many rules are tried.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseRecurrence } from "#core/calendar/parse-rrule.ts";
import { seriesOf } from "#core/calendar/series.ts";

const runs = Number(process.env["TIDEGATE_CALENDAR_RUNS"] ?? "25");

const names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const dayMs = 86_400_000;
type Parts = Readonly<Record<string, string>>;

const numbers = (parts: Parts, name: string): readonly number[] => parts[name]?.split(",").map(Number) ?? [];
const epochOf = (at: Temporal.PlainDateTime): number => at.toZonedDateTime("UTC").epochMilliseconds;
const isAmong = (chosen: readonly number[], fromStart: number, fromEnd: number): boolean =>
  chosen.includes(fromStart) || chosen.includes(-fromEnd);

/** Year and number of the week that a date lies in, weeks beginning on any day; with Monday it is Temporal's own. */
function weekOf(date: Temporal.PlainDate, weekStart: number): { readonly week: number; readonly fromEnd: number } {
  // The Thursday of a week that begins on Monday, and the fourth day of any other, lies in the year that owns the week.
  const fourth = (of: Temporal.PlainDate): Temporal.PlainDate =>
    of.subtract({ days: (of.dayOfWeek - 1 - weekStart + 7) % 7 }).add({ days: 3 });
  const own = fourth(date);
  const last = Math.ceil((fourth(own.with({ month: 12, day: 28 })).dayOfYear ?? 0) / 7);
  const week = Math.ceil(own.dayOfYear / 7);
  if (weekStart === 0) assert.deepEqual([week, own.year], [date.weekOfYear, date.yearOfWeek]);
  return { week, fromEnd: last + 1 - week };
}

function chooses(parts: Parts, date: Temporal.PlainDate, weekStart: number): boolean {
  const { FREQ: frequency } = parts;
  const months = numbers(parts, "BYMONTH");
  if (months.length > 0 && !months.includes(date.month)) return false;
  const monthDays = numbers(parts, "BYMONTHDAY");
  if (monthDays.length > 0 && !isAmong(monthDays, date.day, date.daysInMonth + 1 - date.day)) return false;
  const yearDays = numbers(parts, "BYYEARDAY");
  if (yearDays.length > 0 && !isAmong(yearDays, date.dayOfYear, date.daysInYear + 1 - date.dayOfYear)) return false;
  const weeks = numbers(parts, "BYWEEKNO");
  if (weeks.length > 0) {
    const { week, fromEnd } = weekOf(date, weekStart);
    if (!isAmong(weeks, week, fromEnd)) return false;
  }
  const days = parts["BYDAY"]?.split(",") ?? [];
  if (days.length === 0) return true;
  const inYear = frequency === "YEARLY" && months.length === 0;
  const [place, length] = inYear ? [date.dayOfYear, date.daysInYear] : [date.day, date.daysInMonth];
  return days.some((day) => {
    if (names[date.dayOfWeek - 1] !== day.slice(-2)) return false;
    const ordinal = Number(day.slice(0, -2));
    return ordinal === 0 || isAmong([ordinal], Math.ceil(place / 7), Math.ceil((length + 1 - place) / 7));
  });
}

/** What a rule leaves out is taken from its anchor. */
function completed(parts: Parts, anchor: Temporal.PlainDateTime): Parts {
  const isLong = parts["FREQ"] === "YEARLY" || parts["FREQ"] === "MONTHLY" || parts["FREQ"] === "WEEKLY";
  const picksDays = ["BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY"].some((name) => parts[name] !== undefined);
  if (!isLong || picksDays) return parts;
  if (parts["FREQ"] === "WEEKLY") return { ...parts, BYDAY: names[anchor.dayOfWeek - 1] ?? "" };
  const month = parts["FREQ"] === "YEARLY" ? { BYMONTH: parts["BYMONTH"] ?? String(anchor.month) } : {};
  return { ...parts, ...month, BYMONTHDAY: String(anchor.day) };
}

const units = { HOURLY: 3_600_000, MINUTELY: 60_000, SECONDLY: 1_000 } as const;

/** The periods of a rule from that of the anchor on, as first and last ms. */
function* periodsOf(parts: Parts, anchor: Temporal.PlainDateTime, until: number): Generator<readonly [number, number]> {
  const interval = Number(parts["INTERVAL"] ?? "1");
  const { FREQ: frequency = "" } = parts;
  if (frequency === "HOURLY" || frequency === "MINUTELY" || frequency === "SECONDLY") {
    const size = units[frequency];
    for (let from = Math.floor(epochOf(anchor) / size) * size; from < until; from += interval * size)
      yield [from, from + size];
    return;
  }
  const day = anchor.toPlainDate();
  const weekStart = names.indexOf(parts["WKST"] ?? "MO");
  const [first, step] =
    frequency === "YEARLY"
      ? [day.with({ month: 1, day: 1 }), "years"]
      : frequency === "MONTHLY"
        ? [day.with({ day: 1 }), "months"]
        : frequency === "WEEKLY"
          ? [day.subtract({ days: (day.dayOfWeek - 1 - weekStart + 7) % 7 }), "weeks"]
          : [day, "days"];
  for (let k = 0; ; k++) {
    const from = first.add({ [step]: k * interval });
    if (epochOf(from.toPlainDateTime()) >= until) return;
    yield [epochOf(from.toPlainDateTime()), epochOf(from.add({ [step]: 1 }).toPlainDateTime())];
  }
}

function timesOf(parts: Parts, anchor: Temporal.PlainDateTime): readonly number[] {
  const order = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"];
  const place = order.indexOf(parts["FREQ"] ?? "");
  const pick = (name: string, of: number, size: number, unit: number): readonly number[] => {
    const given = numbers(parts, name);
    if (given.length > 0) return given;
    return place < unit ? [of] : Array.from({ length: size }, (_, value) => value);
  };
  const hours = pick("BYHOUR", anchor.hour, 24, 4);
  const minutes = pick("BYMINUTE", anchor.minute, 60, 5);
  const seconds = pick("BYSECOND", anchor.second, 60, 6);
  const all = hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => (h * 3_600 + m * 60 + s) * 1_000)));
  return [...new Set(all)].sort((a, b) => a - b);
}

function occurrences(rule: string, anchor: Temporal.PlainDateTime, until: number): readonly number[] {
  const given: Parts = Object.fromEntries(rule.split(";").map((part) => part.split("=")));
  const parts = completed(given, anchor);
  const weekStart = names.indexOf(parts["WKST"] ?? "MO");
  const positions = numbers(parts, "BYSETPOS");
  const times = timesOf(parts, anchor);
  const limit = Number(parts["COUNT"] ?? "Infinity");
  const found: number[] = [];
  const begins = epochOf(anchor);
  for (const [from, to] of periodsOf(parts, anchor, until)) {
    let inPeriod: number[] = [];
    for (let day = Math.floor(from / dayMs) * dayMs; day < to; day += dayMs) {
      // Of a week that the anchor cuts in two, only the days from the anchor's on are there to be picked from.
      if (parts["FREQ"] === "WEEKLY" && day < Math.floor(begins / dayMs) * dayMs) continue;
      const date = Temporal.Instant.fromEpochMilliseconds(day).toZonedDateTimeISO("UTC").toPlainDate();
      if (!chooses(parts, date, weekStart)) continue;
      inPeriod.push(...times.map((time) => day + time).filter((at) => at >= from && at < to));
    }
    if (positions.length > 0) {
      const size = inPeriod.length;
      inPeriod = inPeriod.filter((_, place) => isAmong(positions, place + 1, size - place));
    }
    for (const at of inPeriod) if (at >= begins && at < until && found.length < limit) found.push(at);
  }
  return found;
}

const someOf = <T>(item: fc.Arbitrary<T>, most = 3): fc.Arbitrary<string> =>
  fc.uniqueArray(item, { minLength: 1, maxLength: most }).map((items) => items.join(","));
const signed = (most: number): fc.Arbitrary<number> =>
  fc.tuple(fc.integer({ min: 1, max: most }), fc.boolean()).map(([value, isBack]) => (isBack ? -value : value));
const weekday = fc.constantFrom(...names);
const hour = fc.integer({ min: 0, max: 23 });
const sixty = fc.integer({ min: 0, max: 59 });

const dayParts = {
  INTERVAL: fc.integer({ min: 1, max: 5 }).map(String),
  BYMONTH: someOf(fc.integer({ min: 1, max: 12 })),
  BYMONTHDAY: someOf(signed(31), 4),
  BYDAY: someOf(weekday),
  BYHOUR: someOf(hour),
  BYMINUTE: someOf(sixty, 2),
  BYSECOND: someOf(sixty, 2),
  WKST: weekday,
  COUNT: fc.integer({ min: 1, max: 60 }).map(String),
  BYSETPOS: someOf(signed(8)),
};
const withOrdinals = someOf(
  fc.tuple(fc.option(signed(5), { nil: 0 }), weekday).map(([n, day]) => `${n === 0 ? "" : n}${day}`),
);
const yearOrdinals = someOf(
  fc.tuple(fc.option(signed(53), { nil: 0 }), weekday).map(([n, day]) => `${n === 0 ? "" : n}${day}`),
);

function aRule(frequency: string, parts: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<string> {
  return fc
    .record(parts, { requiredKeys: [] })
    .map((given) =>
      [`FREQ=${frequency}`, ...Object.entries(given).map(([name, value]) => `${name}=${value}`)].join(";"),
    )
    .filter((rule) => !rule.includes("BYSETPOS") || /BY(?!SETPOS)/.test(rule));
}

const year = 366;
const sorts: readonly (readonly [title: string, rule: fc.Arbitrary<string>, days: number])[] = [
  ["yearly", aRule("YEARLY", { ...dayParts, BYDAY: yearOrdinals }), 9 * year],
  ["yearly by days of the year", aRule("YEARLY", { ...dayParts, BYYEARDAY: someOf(signed(366), 5) }), 9 * year],
  ["yearly by weeks", aRule("YEARLY", { ...dayParts, BYWEEKNO: someOf(signed(53), 4) }), 12 * year],
  [
    "yearly by first and last weeks",
    aRule("YEARLY", {
      ...dayParts,
      BYMONTHDAY: fc.constant("1,2,3,29,30,31"),
      BYWEEKNO: someOf(fc.constantFrom(1, 52, 53, -1, -52, -53)),
    }),
    28 * year,
  ],
  ["monthly", aRule("MONTHLY", { ...dayParts, BYDAY: withOrdinals }), 5 * year],
  ["weekly", aRule("WEEKLY", dayParts), 3 * year],
  ["daily", aRule("DAILY", dayParts), 2 * year],
  ["hourly", aRule("HOURLY", { ...dayParts, INTERVAL: fc.integer({ min: 1, max: 50 }).map(String) }), 45],
  ["every minute", aRule("MINUTELY", { ...dayParts, INTERVAL: fc.integer({ min: 1, max: 90 }).map(String) }), 4],
  ["every second", aRule("SECONDLY", { ...dayParts, INTERVAL: fc.integer({ min: 1, max: 90 }).map(String) }), 0.2],
];

/** Leap days, ends of months and years, and any other day. */
const anchorDay = fc.oneof(
  fc.constantFrom("2024-02-29", "2000-02-29", "1999-12-31", "2010-01-01", "2026-01-31", "2015-12-28", "2016-01-03"),
  fc.integer({ min: 0, max: 20_000 }).map((days) => Temporal.PlainDate.from("1972-01-01").add({ days }).toString()),
);
const anchorTime = fc
  .tuple(hour, sixty, sixty)
  .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":"));
const someAnchor = fc.tuple(anchorDay, anchorTime).map(([day, time]) => Temporal.PlainDateTime.from(`${day}T${time}`));

for (const [title, rule, days] of sorts) {
  test(`rules that recur ${title} are read as RFC 5545 says, forwards, backwards and by range`, () => {
    fc.assert(
      fc.property(rule, someAnchor, fc.double({ min: 0, max: 1, noNaN: true }), (text, anchor, share) => {
        const read = parseRecurrence(text);
        assert.ok(read.ok, text);
        const begins = epochOf(anchor);
        const until = begins + Math.round(days * dayMs);
        const expected = occurrences(text, anchor, until);
        const series = seriesOf(read.value, begins);
        const all = series.between(begins, until);
        if (!all.ok) {
          assert.match(all.error.message, /does not match within/);
          assert.equal(expected.length, 0);
          return;
        }
        assert.deepEqual(all.value.map(stamp), expected.map(stamp));
        const middle = begins + Math.round(share * (until - begins));
        assert.deepEqual(series.between(middle, until), { ok: true, value: expected.filter((at) => at >= middle) });
        const next = expected.find((at) => at >= middle);
        if (next !== undefined) assert.deepEqual(series.next(middle), { ok: true, value: next });
        const previous = expected.findLast((at) => at < middle);
        const before = series.previous(middle);
        if (before.ok) assert.equal(before.value, previous ?? null);
        else assert.equal(previous, undefined);
      }),
      { numRuns: runs },
    );
  });
}

function stamp(at: number): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toString();
}
