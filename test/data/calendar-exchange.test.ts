import assert from "node:assert/strict";
import { test } from "node:test";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import { spansIn } from "#core/calendar/span-set.ts";
import { timetableOf } from "#core/calendar/timetable.ts";
import type { Window } from "#core/calendar/window.ts";
import type { ScopeSubject } from "#core/catalog/scope.ts";
import { readShared, skipWithout } from "./calendar-shared.ts";

const skip = skipWithout("exchange-sessions");

/** `HH:MM-HH:MM`, from the first day on which it holds, by a recurrence. */
type Hours = readonly [hours: string, from: string, rrule: string];
/** A whole day off: by a recurrence from 2010 on or from a given day, or single days. */
type Holiday = readonly [rrule: string, from?: string];

interface Exchange {
  readonly zone: string;
  readonly sessions: readonly Hours[];
  readonly holidays: readonly Holiday[];
  readonly singleHolidays: readonly string[];
  /** From this time of day on it is closed on these days. */
  readonly earlyCloses: readonly Hours[];
}

const weekdays = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";
const yearly = (parts: string): string => `FREQ=YEARLY;${parts}`;
const easter = (offset: number): Holiday => [yearly(`BYEASTER=${offset}`)];
const date = (month: number, day: number): Holiday => [yearly(`BYMONTH=${month};BYMONTHDAY=${day}`)];
/** A fixed date that moves to this weekday, by days, when it falls on a weekend day. */
const moved = (month: number, day: number, weekday: string): Holiday => [
  yearly(`BYMONTH=${month};BYMONTHDAY=${day};BYDAY=${weekday}`),
];

const exchanges: Record<string, Exchange> = {
  xnys: {
    zone: "America/New_York",
    sessions: [["09:30-16:00", "2010-01-01", weekdays]],
    holidays: [
      date(1, 1),
      moved(1, 2, "MO"),
      [yearly("BYMONTH=1;BYDAY=3MO")],
      [yearly("BYMONTH=2;BYDAY=3MO")],
      easter(-2),
      [yearly("BYMONTH=5;BYDAY=-1MO")],
      [yearly("BYMONTH=6;BYMONTHDAY=19"), "2022-01-01"],
      [yearly("BYMONTH=6;BYMONTHDAY=18;BYDAY=FR"), "2022-01-01"],
      [yearly("BYMONTH=6;BYMONTHDAY=20;BYDAY=MO"), "2022-01-01"],
      date(7, 4),
      moved(7, 3, "FR"),
      moved(7, 5, "MO"),
      [yearly("BYMONTH=9;BYDAY=1MO")],
      [yearly("BYMONTH=11;BYDAY=4TH")],
      date(12, 25),
      moved(12, 24, "FR"),
      moved(12, 26, "MO"),
    ],
    // Hurricane Sandy and a day of mourning.
    singleHolidays: ["2012-10-29", "2012-10-30", "2018-12-05"],
    earlyCloses: [
      ["13:00-24:00", "2010-01-01", yearly("BYMONTH=11;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29")],
      ["13:00-24:00", "2010-01-01", yearly("BYMONTH=12;BYMONTHDAY=24;BYDAY=MO,TU,WE,TH")],
      ["13:00-24:00", "2010-01-01", yearly("BYMONTH=7;BYMONTHDAY=3;BYDAY=MO,TU,WE,TH")],
    ],
  },
  xlon: {
    zone: "Europe/London",
    sessions: [["08:00-16:30", "2010-01-01", weekdays]],
    holidays: [
      date(1, 1),
      [yearly("BYMONTH=1;BYMONTHDAY=2,3;BYDAY=MO")],
      easter(-2),
      easter(1),
      [yearly("BYMONTH=5;BYDAY=1MO")],
      [yearly("BYMONTH=5;BYDAY=-1MO")],
      [yearly("BYMONTH=8;BYDAY=-1MO")],
      date(12, 25),
      date(12, 26),
      [yearly("BYMONTH=12;BYMONTHDAY=27,28;BYDAY=MO,TU")],
    ],
    // Weddings, jubilees, a funeral, a coronation, and the moved May holidays that went with them.
    singleHolidays: [
      "2011-04-29",
      "2012-06-04",
      "2012-06-05",
      "2020-05-08",
      "2022-06-02",
      "2022-06-03",
      "2022-09-19",
      "2023-05-08",
    ],
    earlyCloses: [
      ["12:30-24:00", "2010-01-01", yearly("BYMONTH=12;BYMONTHDAY=24;BYDAY=MO,TU,WE,TH,FR")],
      ["12:30-24:00", "2010-01-01", yearly("BYMONTH=12;BYMONTHDAY=31;BYDAY=MO,TU,WE,TH,FR")],
      // Where one of these eves falls on a weekend, the Friday before is short.
      ["12:30-24:00", "2010-01-01", yearly("BYMONTH=12;BYMONTHDAY=22,23,29,30;BYDAY=FR")],
    ],
  },
  xswx: {
    zone: "Europe/Zurich",
    sessions: [["09:00-17:30", "2010-01-01", weekdays]],
    holidays: [
      date(1, 1),
      date(1, 2),
      easter(-2),
      easter(1),
      date(5, 1),
      easter(39),
      easter(50),
      date(8, 1),
      [yearly("BYMONTH=12;BYMONTHDAY=24,25,26,31")],
    ],
    singleHolidays: [],
    earlyCloses: [],
  },
  xtks: {
    zone: "Asia/Tokyo",
    sessions: [
      ["09:00-11:30", "2010-01-01", weekdays],
      ["12:30-15:00", "2010-01-01", `${weekdays};UNTIL=20241104`],
      ["12:30-15:30", "2024-11-05", weekdays],
    ],
    holidays: [
      [yearly("BYMONTH=1;BYMONTHDAY=1,2,3")],
      [yearly("BYMONTH=1;BYDAY=2MO")],
      date(2, 11),
      moved(2, 12, "MO"),
      [yearly("BYMONTH=2;BYMONTHDAY=23"), "2020-01-01"],
      [yearly("BYMONTH=2;BYMONTHDAY=24;BYDAY=MO"), "2020-01-01"],
      date(4, 29),
      moved(4, 30, "MO"),
      [yearly("BYMONTH=5;BYMONTHDAY=3,4,5")],
      [yearly("BYMONTH=5;BYMONTHDAY=6;BYDAY=MO,TU,WE")],
      [yearly("BYMONTH=7;BYDAY=3MO")],
      [yearly("BYMONTH=8;BYMONTHDAY=11"), "2016-01-01"],
      [yearly("BYMONTH=8;BYMONTHDAY=12;BYDAY=MO"), "2016-01-01"],
      [yearly("BYMONTH=9;BYDAY=3MO")],
      [yearly("BYMONTH=10;BYDAY=2MO")],
      date(11, 3),
      moved(11, 4, "MO"),
      date(11, 23),
      moved(11, 24, "MO"),
      [yearly("BYMONTH=12;BYMONTHDAY=23;UNTIL=20181231")],
      [yearly("BYMONTH=12;BYMONTHDAY=24;BYDAY=MO;UNTIL=20181231")],
      [yearly("BYMONTH=12;BYMONTHDAY=31")],
    ],
    singleHolidays: [
      // Equinoxes, with the Monday after where one fell on a Sunday.
      ..."2010-03-22 2011-03-21 2012-03-20 2013-03-20 2014-03-21 2015-03-21 2016-03-21 2017-03-20 2018-03-21 2019-03-21".split(
        " ",
      ),
      ..."2020-03-20 2021-03-20 2022-03-21 2023-03-21 2024-03-20 2025-03-20 2026-03-20".split(" "),
      ..."2010-09-23 2011-09-23 2012-09-22 2013-09-23 2014-09-23 2015-09-23 2016-09-22 2017-09-23 2018-09-24 2019-09-23".split(
        " ",
      ),
      ..."2020-09-22 2021-09-23 2022-09-23 2023-09-23 2024-09-23 2025-09-23 2026-09-23".split(" "),
      // The day between two holidays.
      "2015-09-22",
      "2026-09-22",
      // The change of emperors.
      "2019-04-30",
      "2019-05-01",
      "2019-05-02",
      "2019-10-22",
      // Holidays moved for the games; the regular days are taken back below.
      "2020-07-23",
      "2020-07-24",
      "2020-08-10",
      "2021-07-22",
      "2021-07-23",
      "2021-08-09",
      // The day on which the exchange could not open.
      "2020-10-01",
    ],
    earlyCloses: [],
  },
};

/** Regular holidays that did not take place because a law moved them that year. */
const notHeld: Record<string, readonly string[]> = {
  xlon: ["2012-05-28", "2020-05-04", "2022-05-30"],
  xtks: ["2020-07-20", "2020-08-11", "2020-10-12", "2021-07-19", "2021-08-11", "2021-10-11"],
};

const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

function ruleOf(
  zone: string,
  [hours, from, rrule]: readonly [string, string, string | null],
  exdates: readonly string[],
): LocalRule {
  const [start = "", end = ""] = hours.split("-");
  return {
    zone,
    start: Temporal.PlainDateTime.from(`${from}T${start}`),
    rrule,
    end: { kind: "wall", minuteOfDay: minuteOf(end) },
    exdates: exdates.map((day) => Temporal.PlainDateTime.from(`${day}T${start}`)),
  };
}

function freezeOf(name: string, rule: LocalRule): Freeze {
  const owner = "exchange";
  return { name, scope: {}, rule, strength: "hard", owner, passesWith: null, onBegin: "pause", reason: "no session" };
}

function calendarOf(name: string, exchange: Exchange): { windows: Window[]; freezes: Freeze[] } {
  const { zone, sessions, holidays, singleHolidays, earlyCloses } = exchange;
  const wholeDay = "00:00-24:00";
  const windows = sessions.map(
    (hours) => ({ name: "session", scope: {}, rule: ruleOf(zone, hours, []), onClose: "finish" }) as const,
  );
  const freezes = [
    ...holidays.map(([rrule, from]) => ruleOf(zone, [wholeDay, from ?? "2010-01-01", rrule], notHeld[name] ?? [])),
    ...singleHolidays.map((day) => ruleOf(zone, [wholeDay, day, null], [])),
    ...earlyCloses.map((hours) => ruleOf(zone, hours, [])),
  ].map((rule) => freezeOf("holiday", rule));
  return { windows, freezes };
}

const subject: ScopeSubject = {
  environment: "floor",
  region: null,
  service: "trading",
  team: "floor",
  unit: "exchange",
  tier: 1,
  tags: [],
  dataClasses: [],
  class: "normal",
  action: "deploy",
  invoker: "person",
};

/** One line per session of the file: its spans of trading, the lunch break taken out. */
function sessionsOf(file: string): string[][] {
  const [, ...lines] = readShared(file).trim().split("\n");
  return lines.map((line) => {
    const [, open = "", close = "", breakStart = "", breakEnd = ""] = line.trim().split(",");
    return breakStart === "" ? [`${open}/${close}`] : [`${open}/${breakStart}`, `${breakEnd}/${close}`];
  });
}

for (const [name, exchange] of Object.entries(exchanges)) {
  test(
    `every session of ${name} opens and closes at its instant, from a weekly window and its exceptions`,
    { skip },
    () => {
      const expected = sessionsOf(`exchange-sessions/${name}.csv.gz`).flat();
      const last = expected.at(-1)?.split("/")[1] ?? "";
      const table = timetableOf({
        ...calendarOf(name, exchange),
        subject,
        environment: { zone: exchange.zone, windows: "required" },
        between: { from: Temporal.Instant.from("2010-01-01T00:00Z"), to: Temporal.Instant.from(last) },
      });
      assert.deepEqual(table.faults, []);
      const found = spansIn(table.open).map(({ from, to }) => `${from.toString()}/${to.toString()}`);
      const wanted = new Set(expected);
      const given = new Set(found);
      assert.deepEqual(
        found.filter((span) => !wanted.has(span)),
        [],
        "spans that were no session",
      );
      assert.deepEqual(
        expected.filter((span) => !given.has(span)),
        [],
        "sessions that did not open",
      );
      assert.ok(expected.length > 2_000);
    },
  );
}
