import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { RRuleTemporal } from "rrule-temporal";
import { dayMs, toLocalMs } from "#core/calendar/civil.ts";
import { parseRecurrence } from "#core/calendar/parse-rrule.ts";
import { parseRecurrenceSet } from "#core/calendar/recurrence-set.ts";
import { seriesOf, type Series } from "#core/calendar/series.ts";
import { processorMs } from "#test/support/processor-time.ts";

// The package says it is a module to bundlers and is none to Node, so only its default can be had here.
const { default: rruleJs } = await import("rrule");

const local = (text: string): number => toLocalMs(Temporal.PlainDateTime.from(text));
const text = (localMs: number): string => Temporal.Instant.fromEpochMilliseconds(localMs).toString().slice(0, 16);

function aSeries(rule: string, anchor: string): Series {
  const recurrence = parseRecurrence(rule);
  assert.ok(recurrence.ok, recurrence.ok ? "" : recurrence.error.message);
  return seriesOf(recurrence.value, local(anchor));
}

function firstOf(series: Series, count: number): string[] {
  const found = series.take(-Infinity, count);
  assert.ok(found.ok, found.ok ? "" : found.error.message);
  return found.value.map(text);
}

for (const [rule, anchor, expected] of [
  ["FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31T09:00", ["2026-01-31", "2026-03-31", "2026-05-31"]],
  ["FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "2026-01-31T09:00", ["2026-01-31", "2026-02-28", "2026-03-31"]],
  ["FREQ=MONTHLY;BYMONTHDAY=31;SKIP=FORWARD", "2026-01-31T09:00", ["2026-01-31", "2026-03-01", "2026-03-31"]],
  ["FREQ=YEARLY", "2024-02-29T09:00", ["2024-02-29", "2028-02-29", "2032-02-29"]],
  ["FREQ=MONTHLY;BYDAY=2TU", "2026-01-01T09:00", ["2026-01-13", "2026-02-10", "2026-03-10"]],
  ["FREQ=MONTHLY;BYDAY=-1FR", "2026-01-01T09:00", ["2026-01-30", "2026-02-27", "2026-03-27"]],
  ["FREQ=MONTHLY;BYDAY=MO,2TU", "2026-02-01T09:00", ["2026-02-02", "2026-02-09", "2026-02-10"]],
  ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01T09:00", ["2026-01-30", "2026-02-27", "2026-03-31"]],
  ["FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", "1997-08-05T09:00", ["1997-08-05", "1997-08-10", "1997-08-19"]],
  ["FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", "1997-08-05T09:00", ["1997-08-05", "1997-08-17", "1997-08-19"]],
  ["FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2026-01-01T09:00", ["2027-01-04", "2028-01-03", "2029-01-01"]],
  ["FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "2026-01-01T09:00", ["2026-10-25", "2027-10-31", "2028-10-29"]],
  ["FREQ=YEARLY;BYYEARDAY=-1", "2026-01-01T09:00", ["2026-12-31", "2027-12-31", "2028-12-31"]],
  ["FREQ=YEARLY;BYEASTER=-2", "2026-01-01T09:00", ["2026-04-03", "2027-03-26", "2028-04-14"]],
] as const) {
  test(`${rule} from ${anchor}`, () => {
    assert.deepEqual(
      firstOf(aSeries(rule, anchor), 3).map((at) => at.slice(0, 10)),
      expected,
    );
  });
}

test("an anchor that does not match its rule is not an occurrence and does not count", () => {
  const series = aSeries("FREQ=WEEKLY;BYDAY=SA;COUNT=2", "2026-01-01T01:00");
  assert.deepEqual(firstOf(series, 5), ["2026-01-03T01:00", "2026-01-10T01:00"]);
});

test("COUNT is exact from the anchor however far away the question is", () => {
  const series = aSeries("FREQ=DAILY;COUNT=10000", "1990-01-01T01:00");
  const last = local("1990-01-01T01:00") + 9_999 * dayMs;
  assert.deepEqual(series.previous(local("2200-01-01T00:00")), { ok: true, value: last });
  assert.deepEqual(series.next(last + 1), { ok: true, value: null });
});

for (const rule of [
  "FREQ=DAILY;BYYEARDAY=233,95;COUNT=90732",
  "FREQ=DAILY;BYMONTH=7,1,4;BYMONTHDAY=-14;BYDAY=TU,SA;COUNT=80606",
  "FREQ=MINUTELY;BYYEARDAY=279,-365;BYHOUR=12,3,1;BYMINUTE=25,13,51;COUNT=88377",
]) {
  test(`${rule} is counted no further than the question reaches, within 50 ms`, () => {
    const now = local("2026-03-01T00:00");
    const anew = (): Series => aSeries(rule, "1994-02-28T03:30");
    for (const ask of [() => anew().next(now), () => anew().previous(now), () => anew().take(now, 5)]) {
      assert.ok(ask().ok);
      assert.ok(processorMs(ask, 50) < 50, "more than 50 ms of processor time");
    }
    const askEnd = (): ReturnType<Series["previous"]> => anew().previous(local("9999-01-01T00:00"));
    const end = askEnd();
    assert.ok(processorMs(askEnd, 50) < 50, "more than 50 ms of processor time");
    assert.match(end.ok ? "" : end.error.message, /COUNT cannot be followed .* use UNTIL instead/);
  });
}

test("sets join rules and dates and take exclusions out", () => {
  const lines = [
    "RRULE:FREQ=DAILY;COUNT=4",
    "EXDATE:20260102T090000",
    "RDATE:20260110T120000",
    "EXDATE;VALUE=DATE:20260103",
  ];
  const set = parseRecurrenceSet(lines.join("\r\n"), local("2026-01-01T09:00"));
  assert.ok(set.ok);
  assert.deepEqual(firstOf(set.value, 9), ["2026-01-01T09:00", "2026-01-04T09:00", "2026-01-10T12:00"]);
  const previous = set.value.previous(local("2026-01-04T09:00"));
  assert.deepEqual(previous, { ok: true, value: local("2026-01-01T09:00") });
  assert.deepEqual(set.value.between(local("2026-01-02T00:00"), local("2026-01-05T00:00")), {
    ok: true,
    value: [local("2026-01-04T09:00")],
  });
});

/** Never matching, far too frequent, or absurd: each answer comes within the budget, and an endless search is an error. */
const pathological = [
  "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
  "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
  "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1",
  "FREQ=HOURLY;INTERVAL=24;BYHOUR=5",
  "FREQ=DAILY;INTERVAL=7;BYDAY=FR",
  "FREQ=DAILY;BYMONTHDAY=29;BYMONTH=2;BYDAY=MO;BYWEEKNO=1",
  "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=31",
  "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
  "FREQ=SECONDLY;INTERVAL=86400;BYHOUR=3",
  "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
  "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
  "FREQ=YEARLY;BYSETPOS=300;BYDAY=MO",
  "FREQ=YEARLY;BYEASTER=0;BYMONTH=12",
  "FREQ=SECONDLY;BYSETPOS=2;BYSECOND=0",
  "FREQ=MINUTELY;COUNT=3;BYDAY=MO;BYMONTHDAY=31;BYMONTH=2",
] as const;

for (const rule of pathological) {
  test(`${rule} never matches, and says so within 50 ms`, () => {
    const anew = (): Series => aSeries(rule, "2026-01-01T00:00");
    for (const ask of [
      () => anew().next(-Infinity),
      () => anew().previous(local("2500-01-01T00:00")),
      () => anew().take(-Infinity, 1),
    ]) {
      const answer = ask();
      assert.ok(processorMs(ask, 50) < 50, "more than 50 ms of processor time");
      assert.ok(answer.ok ? answer.value === null : /does not match within/.test(answer.error.message));
    }
    assert.equal(anew().next(-Infinity).ok, false);
  });
}

test("a set that excludes all it includes ends with an error", () => {
  const ask = (): void => {
    const set = parseRecurrenceSet("RRULE:FREQ=MINUTELY\nEXRULE:FREQ=MINUTELY", local("2026-01-01T00:00"));
    assert.ok(set.ok);
    assert.equal(set.value.next(-Infinity).ok, false);
  };
  assert.ok(processorMs(ask, 50) < 50, "more than 50 ms of processor time");
});

const weekday = fc.constantFrom("MO", "TU", "WE", "TH", "FR", "SA", "SU");
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<string> =>
  fc.uniqueArray(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(","));

/** Rules of a day or longer, of the sort that people write, in which the libraries are known to be right. */
const someRule = fc
  .record(
    {
      FREQ: fc.constantFrom("YEARLY", "MONTHLY", "WEEKLY", "DAILY"),
      INTERVAL: fc.integer({ min: 1, max: 4 }),
      BYMONTH: list(fc.integer({ min: 1, max: 12 })),
      BYMONTHDAY: list(fc.oneof(fc.integer({ min: 1, max: 31 }), fc.integer({ min: -3, max: -1 }))),
      BYDAY: list(weekday),
      BYHOUR: list(fc.integer({ min: 0, max: 23 })),
      WKST: weekday,
    },
    { requiredKeys: ["FREQ"] },
  )
  .filter(({ FREQ, BYMONTHDAY }) => FREQ !== "WEEKLY" || BYMONTHDAY === undefined)
  .map((parts) =>
    Object.entries(parts)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(";"),
  );

const someAnchor = fc.integer({ min: local("2000-01-01T00:00") / dayMs, max: local("2030-01-01T00:00") / dayMs });

const zonedAt = (ms: number): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO("UTC");

/** What rrule.js takes for a floating time. */
function dateAt(ms: number): ReturnType<typeof rruleJs.datetime> {
  const { year, month, day, hour, minute, second } = zonedAt(ms);
  return rruleJs.datetime(year, month, day, hour, minute, second);
}

test("five years of a rule equal those of rrule.js and of rrule-temporal", () => {
  fc.assert(
    fc.property(someRule, someAnchor, fc.integer({ min: 0, max: 3_000 }), (rule, anchorDay, daysLater) => {
      const anchor = anchorDay * dayMs + 9 * 3_600_000;
      const from = (anchorDay + daysLater) * dayMs;
      const to = from + 5 * 366 * dayMs;
      const series = aSeries(rule, Temporal.Instant.fromEpochMilliseconds(anchor).toString().slice(0, 19));
      const found = series.between(from, to);
      assert.ok(found.ok);
      const stamp = Temporal.Instant.fromEpochMilliseconds(anchor).toString().replaceAll(/[-:]/g, "");
      const rruleString = `DTSTART:${stamp}\nRRULE:${rule}`;
      const dates = rruleJs.rrulestr(rruleString).between(dateAt(from), dateAt(to - 1000), true);
      const classic = dates.map((at) => at.getTime()).sort((a, b) => a - b);
      assert.deepEqual(found.value, classic, "rrule.js");
      const modern = new RRuleTemporal({ rruleString }).between(zonedAt(from), zonedAt(to - 1), true);
      assert.deepEqual(
        found.value,
        modern.map((at) => at.epochMilliseconds),
        "rrule-temporal",
      );
    }),
    { numRuns: 150 },
  );
});
