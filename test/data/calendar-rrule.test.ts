import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { civilFromDays, dayMs, hourMs, minuteMs, secondMs, weekdayOf } from "#core/calendar/civil.ts";
import { parseRecurrence } from "#core/calendar/parse-rrule.ts";
import { parseRecurrenceSet } from "#core/calendar/recurrence-set.ts";
import { resolvePoint } from "#core/calendar/resolve.ts";
import { fromLocalMs } from "#core/calendar/civil.ts";
import { seriesOf, type Series } from "#core/calendar/series.ts";
import { processorMs } from "#test/support/processor-time.ts";
import { localMsOfStamp, readShared, skipWithout, stampOfLocalMs } from "./calendar-shared.ts";

const skip = skipWithout("rrule");
/** No case may take longer; the budget of the quality goals, in processor time, since the machine may be busy. */
const maxCaseMs = 50;

function firstOf(series: Series, limit: number): readonly number[] {
  const found = series.take(-Infinity, limit);
  assert.ok(found.ok, found.ok ? "" : found.error.message);
  return found.value;
}

function seriesFrom(text: string, anchor: number | null): Series {
  const set = parseRecurrenceSet(text, anchor);
  assert.ok(set.ok, set.ok ? "" : `${text}: ${set.error.message}`);
  return set.value;
}

/** Runs every case, collects what failed, and fails when a case is slow. */
function judge<Case>(cases: readonly Case[], name: (one: Case) => string, run: (one: Case) => void): string[] {
  const failures: string[] = [];
  for (const one of cases) {
    try {
      const took = processorMs(() => run(one), maxCaseMs);
      if (took > maxCaseMs) failures.push(`${name(one)}: took ${took.toFixed(0)} ms`);
    } catch (error) {
      failures.push(`${name(one)}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
    }
  }
  return failures;
}

const fuzzFile = z.object({
  cases: z.array(z.object({ dtstart: z.string(), rrule: z.string(), first: z.array(z.string()) })),
});

/**
 * 2011-01-01, 2022-01-01 and 2039-01-01 lie in week 52 of the year before, by ISO 8601; the source of the expectation
 * counts 53 weeks there because it takes the length of the wrong year. A test below holds Temporal against both.
 */
const wrongInSource = "FREQ=YEARLY;BYWEEKNO=26,53;BYDAY=SA;BYHOUR=5,16,20;BYSETPOS=3";

test(
  "a thousand random rules give the instances on which two libraries agree, forwards, backwards and by range",
  { skip },
  () => {
    const { cases } = fuzzFile.parse(JSON.parse(readShared("rrule/fuzz-agreed-1000.json.gz")));
    const failures = judge(
      cases,
      ({ rrule }) => rrule,
      ({ dtstart, rrule, first }) => {
        const recurrence = parseRecurrence(rrule);
        assert.ok(recurrence.ok);
        const anchor = localMsOfStamp(dtstart);
        const series = seriesOf(recurrence.value, anchor);
        const found = firstOf(series, first.length);
        assert.deepEqual(found.map(stampOfLocalMs), first);
        const last = found.at(-1) ?? anchor;
        assert.deepEqual(series.between(anchor, last + 1), { ok: true, value: found });
        for (let i = found.length - 1; i > 0; i--) {
          assert.deepEqual(series.previous(found[i] ?? 0), { ok: true, value: found[i - 1] });
        }
      },
    );
    assert.equal(cases.length, 1000);
    assert.deepEqual(
      failures.filter((failure) => !failure.startsWith(wrongInSource)),
      [],
    );
    assert.equal(failures.length, 1);
  },
);

test("where we and the source count weeks differently, the week numbers of Temporal are ours", { skip }, () => {
  const { cases } = fuzzFile.parse(JSON.parse(readShared("rrule/fuzz-agreed-1000.json.gz")));
  const disputed = cases.find(({ rrule }) => rrule === wrongInSource);
  assert.ok(disputed !== undefined);
  const ours = firstOf(seriesFrom(`RRULE:${wrongInSource}`, localMsOfStamp(disputed.dtstart)), disputed.first.length);
  const weekOf = (stamp: string): number | undefined =>
    Temporal.PlainDate.from(`${stamp.slice(0, 4)}-${stamp.slice(4, 6)}-${stamp.slice(6, 8)}`).weekOfYear;
  const onlyTheirs = disputed.first.filter((stamp) => !ours.includes(localMsOfStamp(stamp)));
  assert.deepEqual(
    onlyTheirs.map((stamp) => [stamp.slice(0, 8), weekOf(stamp)]),
    [
      ["20110101", 52],
      ["20220101", 52],
      ["20390101", 52],
    ],
  );
  for (const at of ours) assert.ok([26, 53].includes(weekOf(stampOfLocalMs(at)) ?? 0), stampOfLocalMs(at));
});

const rruleJsFile = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      rule: z.string(),
      method: z.string().optional(),
      args: z.array(z.union([z.string(), z.boolean(), z.null()])),
      expected: z.array(z.string()),
    }),
  ),
});

type RruleJsCase = z.infer<typeof rruleJsFile>["cases"][number];

function answerRruleJs({ rule, method, args, expected }: RruleJsCase): string[] {
  const set = seriesFrom(rule, null);
  const zone = /TZID=([^:]+):/.exec(rule)?.[1];
  const [a, b] = args.map((arg) => (typeof arg === "string" ? localMsOfStamp(arg) : 0));
  const inclusive = args.includes(true) ? 1 : 0;
  const one = (found: ReturnType<Series["next"]>): number[] => (found.ok && found.value !== null ? [found.value] : []);
  const range = (): number[] => {
    const found = set.between((a ?? 0) + 1 - inclusive, (b ?? 0) + inclusive);
    return found.ok ? [...found.value] : [];
  };
  const found =
    method === "between"
      ? range()
      : method === "before"
        ? one(set.previous((a ?? 0) + inclusive))
        : method === "after"
          ? one(set.next((a ?? 0) + 1 - inclusive))
          : firstOf(set, args.includes(null) ? expected.length : expected.length + 1);
  if (zone === undefined) return found.map((at) => `${stampOfLocalMs(at)}Z`);
  return found.map((at) => {
    const instant = resolvePoint(fromLocalMs(at), zone);
    assert.ok(instant.ok);
    return `${stampOfLocalMs(instant.value.epochMilliseconds)}Z`;
  });
}

test("the cases of rrule.js give the expected dates", { skip }, () => {
  const { cases } = rruleJsFile.parse(JSON.parse(readShared("rrule/rrule-js.json")));
  // The capture of some cases kept the source of a test function where the rule should stand: nothing to judge.
  const whole = cases.filter(({ rule }) => !rule.startsWith("rrule(rrule)"));
  const failures = judge(
    whole,
    ({ name }) => name,
    (one) => {
      assert.deepEqual(answerRruleJs(one), one.expected);
    },
  );
  assert.deepEqual([cases.length, whole.length], [272, 257]);
  assert.deepEqual(failures, []);
});

const libRecurFile = z.object({
  defaultStart: z.object({ floating: z.string(), absolute: z.string(), allday: z.string() }),
  cases: z.array(
    z.object({
      rrule: z.string(),
      start: z.string().optional(),
      until: z.string().optional(),
      count: z.number().optional(),
      instances: z.union([z.number(), z.string()]).optional(),
      lastInstance: z.string().optional(),
      months: z.array(z.number()).optional(),
      weekdays: z.array(z.string()).optional(),
      monthdays: z.array(z.number()).optional(),
      weeks: z.array(z.number()).optional(),
      hours: z.array(z.number()).optional(),
      minutes: z.array(z.number()).optional(),
      seconds: z.array(z.number()).optional(),
    }),
  ),
});

type LibRecurFile = z.infer<typeof libRecurFile>;
type LibRecurCase = LibRecurFile["cases"][number];

const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const maxBoundedInstances = 10_000;
const maxUnboundedInstances = 500;

function startOf({ start, until }: LibRecurCase, defaults: LibRecurFile["defaultStart"]): string {
  if (start !== undefined) return start;
  if (until === undefined) return defaults.floating;
  return until.includes("Z") ? defaults.absolute : until.includes("T") ? defaults.floating : defaults.allday;
}

function checkLibRecur(one: LibRecurCase, defaults: LibRecurFile["defaultStart"]): void {
  const series = seriesFrom(one.rrule, localMsOfStamp(startOf(one, defaults)));
  const isBounded = one.rrule.includes("UNTIL=") || one.rrule.includes("COUNT=");
  const found = firstOf(series, isBounded ? maxBoundedInstances : maxUnboundedInstances);
  const within = (name: string, allowed: readonly number[] | undefined, of: (at: number) => number): void => {
    if (allowed === undefined) return;
    for (const at of found) assert.ok(allowed.includes(of(at)), `${stampOfLocalMs(at)} is not in ${name}`);
  };
  const dayOf = (at: number): number => Math.floor(at / dayMs);
  within("months", one.months, (at) => civilFromDays(dayOf(at)).month);
  within("monthdays", one.monthdays, (at) => civilFromDays(dayOf(at)).day);
  within(
    "weekdays",
    one.weekdays?.map((name) => weekdays.indexOf(name)),
    (at) => weekdayOf(dayOf(at)),
  );
  within("hours", one.hours, (at) => Math.floor((at % dayMs) / hourMs));
  within("minutes", one.minutes, (at) => Math.floor((at % hourMs) / minuteMs));
  within("seconds", one.seconds, (at) => Math.floor((at % minuteMs) / secondMs));
  if (one.count !== undefined) assert.equal(found.length, one.count, "count");
  if (typeof one.instances === "number") assert.equal(found.length, one.instances, "instances");
  if (one.lastInstance !== undefined) {
    assert.equal(
      stampOfLocalMs(found.at(-1) ?? 0).slice(0, one.lastInstance.length),
      one.lastInstance,
      "last instance",
    );
  }
  if (one.until !== undefined) {
    const bound = localMsOfStamp(one.until) + (one.until.includes("T") ? 0 : dayMs - 1);
    for (const at of found) assert.ok(at <= bound, `${stampOfLocalMs(at)} is after UNTIL`);
  }
}

/** Cases that no reader can pass together with the two other files, or at all, each with why. */
const notJudged: ReadonlyMap<string, string> = new Map([
  ...[
    "FREQ=YEARLY;BYMONTH=1,2;BYWEEKNO=1,7,20",
    "FREQ=YEARLY;BYWEEKNO=3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33,35,37,39,41,43,45,47,49,51,53;UNTIL=20121231",
    "FREQ=YEARLY;UNTIL=20191231;BYWEEKNO=20",
  ].map(
    (rrule) =>
      [
        rrule,
        "BYWEEKNO without BYDAY: all days of the week in the two other files, the anchor's weekday here",
      ] as const,
  ),
  ...[
    "FREQ=YEARLY;BYMONTHDAY=31;UNTIL=20171231",
    "FREQ=YEARLY;BYMONTHDAY=29;UNTIL=20171231",
    "FREQ=YEARLY;UNTIL=20191231;BYMONTHDAY=5",
  ].map(
    (rrule) =>
      [rrule, "YEARLY with BYMONTHDAY alone: every month in the two other files, the anchor's month here"] as const,
  ),
  ["FREQ=DAILY;UNTIL=20160521T060000Z", "three zones told these cases apart, and the capture lost them"],
  [
    "FREQ=MONTHLY;RSCALE=gregorian;BYMONTH=2;BYMONTHDAY=29;SKIP=OMIT;UNTIL=29171231",
    "the expected end (2017) contradicts the rule (2917) and the expected number of instances",
  ],
  [
    "FREQ=YEARLY;RSCALE=gregorian;BYMONTH=2;BYMONTHDAY=29;SKIP=FORWARD;UNTIL=29171231",
    "leaves out the anchor 2013-03-01, which RFC 7529 gives: 29 February 2013 moved forward",
  ],
]);

test("the rules from the wild of lib-recur keep their properties", { skip }, () => {
  const file = libRecurFile.parse(JSON.parse(readShared("rrule/lib-recur-rules.json")));
  const judged = file.cases.filter(({ rrule }) => !notJudged.has(rrule));
  const failures = judge(
    judged,
    ({ rrule }) => rrule,
    (one) => checkLibRecur(one, file.defaultStart),
  );
  assert.deepEqual([file.cases.length, judged.length], [541, 530]);
  assert.deepEqual(failures, []);
});

const transitionsFile = z.object({
  transitions: z.array(z.tuple([z.string(), z.string(), z.number(), z.number()])),
});

test("points around every clock change of sixty zones are read as RFC 5545 says", { skip }, () => {
  const { transitions } = transitionsFile.parse(JSON.parse(readShared("rrule/tz-transitions-2000-2024.json.gz")));
  const failures = judge(
    transitions,
    ([zone, instant]) => `${zone} ${instant}`,
    ([zone, instant, before, after]) => {
      const at = Temporal.Instant.from(instant).epochMilliseconds;
      const middle = at + (Math.max(before, after) * 1000 + Math.min(before, after) * 1000) / 2;
      const read = (localMs: number): number | null => {
        const point = resolvePoint(fromLocalMs(localMs), zone);
        return point.ok ? point.value.epochMilliseconds : null;
      };
      assert.equal(read(at + before * 1000 - 1), at - 1, "the last reading before");
      assert.equal(read(middle), middle - before * 1000, "the middle of the gap or overlap");
      assert.equal(
        read(at + Math.max(before, after) * 1000),
        at + Math.max(before, after) * 1000 - after * 1000,
        "after it",
      );
    },
  );
  assert.equal(transitions.length, 1794);
  // The file has the zone data 2025b; newer data has the changes of Chisinau an hour later from 2022 on.
  const moved = failures.filter((failure) => failure.startsWith("Europe/Chisinau 202"));
  assert.deepEqual(
    failures.filter((failure) => !moved.includes(failure)),
    [],
  );
  for (const failure of moved) {
    const [zone, instant] = failure.split(" ");
    const listed = Temporal.Instant.from(`${instant?.slice(0, -1)}`).toZonedDateTimeISO(zone ?? "");
    assert.equal(
      listed.offset,
      listed.subtract({ minutes: 1 }).offset,
      `${failure}: no change there by this zone data`,
    );
    assert.notEqual(listed.offset, listed.add({ hours: 1 }).offset, `${failure}: no change an hour later either`);
  }
});
