/**
 * How fast the time algebra answers: next and previous opening, expansion, and the open time of a whole fleet, with
 * rrule.js and rrule-temporal on the same rules in the same run. One thread; medians; the first call stands beside the
 * warm ones. The libraries get their documented call for each question.
 */
import { cpus } from "node:os";
import { RRuleTemporal } from "rrule-temporal";
import { spansOf } from "#core/calendar/expand.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import { parseRecurrence } from "#core/calendar/parse-rrule.ts";
import { resolveStart } from "#core/calendar/resolve.ts";
import { seriesOf, type Series } from "#core/calendar/series.ts";
import { difference, instantOf, intersection, nextOpening, previousOpening } from "#core/calendar/span-set.ts";
import { timetableCache } from "#core/calendar/timetable-cache.ts";
import { timetableOf } from "#core/calendar/timetable.ts";
import type { Window } from "#core/calendar/window.ts";
import { zoneOf } from "#core/calendar/zone.ts";
import type { ScopeSubject } from "#core/catalog/scope.ts";

// The package says it is a module to bundlers and is none to Node, so only its default can be had here.
const { default: rruleJs } = await import("rrule");

const machine = `${cpus()[0]?.model ?? "unknown"} x${cpus().length}, node ${process.versions.node}, tz ${process.versions["tz"]}`;

function report(metric: string, value: number, unit: string, samples: number): void {
  console.log(JSON.stringify({ bench: "time", metric, value: Number(value.toPrecision(4)), unit, samples, machine }));
}

/** Milliseconds that a call takes. */
function timed(run: () => unknown): number {
  const begun = performance.now();
  run();
  return performance.now() - begun;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Median ms of `rounds` calls after two that warm up. */
function warm(rounds: number, run: () => unknown): number {
  run();
  run();
  return median(Array.from({ length: rounds }, () => timed(run)));
}

/** A fixed sequence of numbers in [0, 1): the same questions in every run. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const zones = [
  "Europe/Berlin",
  "America/New_York",
  "Asia/Tokyo",
  "Australia/Sydney",
  "Europe/London",
  "America/Sao_Paulo",
];
const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const random = sequence(42);
function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

const rrules = [
  () => `FREQ=WEEKLY;BYDAY=${pick(weekdays)}`,
  () => `FREQ=WEEKLY;INTERVAL=2;BYDAY=${pick(weekdays)},${pick(weekdays)}`,
  () => "FREQ=DAILY",
  () => `FREQ=MONTHLY;BYDAY=${pick(["1", "2", "-1"])}${pick(weekdays)}`,
  () => `FREQ=MONTHLY;BYMONTHDAY=${1 + Math.floor(random() * 28)}`,
  () => `FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=${1 + Math.floor(random() * 28)}`,
];

function aRule(rrule: string, start = "2020-01-01T20:00", minuteOfDay = 1380): LocalRule {
  const end = { kind: "wall", minuteOfDay } as const;
  return { zone: pick(zones), start: Temporal.PlainDateTime.from(start), rrule, end, exdates: [] };
}

function aWindow(n: number, service: string): Window {
  return { name: `window-${n}`, scope: { services: [service] }, rule: aRule(pick(rrules)()), onClose: "finish" };
}

function aFreeze(n: number, service: string): Freeze {
  const rule = aRule(pick(rrules)(), "2020-01-01T06:00", 600);
  const scope = { services: [service] };
  return {
    name: `freeze-${n}`,
    scope,
    rule,
    strength: "hard",
    owner: "o",
    passesWith: null,
    onBegin: "pause",
    reason: "",
  };
}

function aSubject(service: string): ScopeSubject {
  const lists = { tags: [], dataClasses: [] };
  const kind = { class: "normal", action: "deploy", invoker: "automation" } as const;
  return { environment: "prod", region: null, service, team: "team", unit: "unit", tier: 2, ...lists, ...kind };
}

const year = { from: Temporal.Instant.from("2026-01-01T00:00Z"), to: Temporal.Instant.from("2027-01-01T00:00Z") };
const environment = { zone: "Europe/Berlin", windows: "required" } as const;

function seriesFor(rule: string, anchorMs: number): Series {
  const recurrence = parseRecurrence(rule);
  if (!recurrence.ok) throw new Error(recurrence.error.message);
  return seriesOf(recurrence.value, anchorMs);
}

function benchOpenings(): void {
  const windows = Array.from({ length: 14 }, (_, n) => aWindow(n, "*"));
  const freezes = Array.from({ length: 6 }, (_, n) => aFreeze(n, "*"));
  const query = { windows, freezes, subject: aSubject("api"), environment, between: year };
  report("timetable of 20 rules over a year, first call", timed(() => timetableOf(query)) * 1000, "us", 1);
  report("timetable of 20 rules over a year, warm", warm(21, () => timetableOf(query)) * 1000, "us", 21);
  const cache = timetableCache();
  cache.timetableOf(query);
  const questions = Array.from({ length: 10_000 }, () =>
    instantOf(year.from.epochMilliseconds + Math.floor(random() * 31e9)),
  );
  for (const [name, ask] of [
    ["next", nextOpening],
    ["previous", previousOpening],
  ] as const) {
    const took = warm(11, () => questions.forEach((at) => ask(cache.timetableOf(query).open, at)));
    report(
      `${name} opening of a scope with 20 rules, warm`,
      (took / questions.length) * 1000,
      "us",
      11 * questions.length,
    );
  }
}

const sixYears = utcMs(2026, 1, 15);
const nextRules = {
  weekly: "FREQ=WEEKLY;BYDAY=TU,TH",
  monthly: "FREQ=MONTHLY;BYDAY=2TU",
  yearly: "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
};

function utcMs(y: number, month: number, day: number): number {
  return new Temporal.PlainDateTime(y, month, day).toZonedDateTime("UTC").epochMilliseconds;
}

function benchNext(): void {
  const zone = zoneOf("Europe/Berlin");
  if (zone === null) throw new Error("no zone data");
  for (const [name, rule] of Object.entries(nextRules)) {
    for (const [distance, anchor] of [
      ["6 years", utcMs(2020, 1, 1)],
      ["60 years", utcMs(1966, 1, 1)],
    ] as const) {
      const series = seriesFor(rule, anchor + 9 * 3_600_000);
      const offsets = Array.from({ length: 2_000 }, () => Math.floor(random() * 3e10));
      for (const direction of ["next", "previous"] as const) {
        const bare = warm(11, () => offsets.forEach((offset) => series[direction](sixYears + offset)));
        report(
          `${direction} ${name}, anchor ${distance} away, no zone`,
          (bare / offsets.length) * 1000,
          "us",
          11 * offsets.length,
        );
      }
      const zoned = warm(11, () =>
        offsets.forEach((offset) => {
          const found = series.next(sixYears + offset);
          if (found.ok && found.value !== null) resolveStart(zone, found.value);
        }),
      );
      report(
        `next ${name}, anchor ${distance} away, with zone`,
        (zoned / offsets.length) * 1000,
        "us",
        11 * offsets.length,
      );
    }
    benchNextOfLibraries(name, rule);
  }
}

function benchNextOfLibraries(name: string, rule: string): void {
  const at = rruleJs.datetime(2026, 1, 15);
  const zonedAt = Temporal.Instant.fromEpochMilliseconds(sixYears).toZonedDateTimeISO("UTC");
  const classic = warm(7, () => rruleJs.rrulestr(`DTSTART:20200101T090000Z\nRRULE:${rule}`).after(at));
  report(`next ${name}, anchor 6 years away, no zone, rrule.js`, classic * 1000, "us", 7);
  const parsed = new RRuleTemporal({ rruleString: `DTSTART:20200101T090000Z\nRRULE:${rule}` });
  report(
    `next ${name}, anchor 6 years away, no zone, rrule-temporal`,
    warm(7, () => parsed.next(zonedAt)) * 1000,
    "us",
    7,
  );
}

function benchExpansion(): void {
  const daily = seriesFor("FREQ=DAILY;BYHOUR=1,5,9,13,17,21", utcMs(2000, 1, 1));
  const [from, to] = [utcMs(2026, 1, 1), utcMs(2046, 1, 1)];
  const count = lengthOf(daily, from, to);
  report("expansion without zone", count / (warm(15, () => daily.between(from, to)) / 1000), "occurrences/s", 15);
  const rule: LocalRule = {
    zone: "Europe/Berlin",
    start: Temporal.PlainDateTime.from("2000-01-01T00:30"),
    rrule: "FREQ=DAILY;BYHOUR=1,5,9,13,17,21",
    end: { kind: "elapsed", duration: Temporal.Duration.from("PT2H") },
    exdates: [],
  };
  const range = { from: instantOf(from), to: instantOf(to) };
  const ours = count / (warm(15, () => spansOf("window", rule, "UTC", range)) / 1000);
  report("expansion to spans with zone", ours, "occurrences/s", 15);
  benchExpansionOfLibraries(ours);
}

function lengthOf(series: Series, from: number, to: number): number {
  const found = series.between(from, to);
  return found.ok ? found.value.length : Number.NaN;
}

/** One year for the libraries: twenty of them would take minutes. */
function benchExpansionOfLibraries(ours: number): void {
  const [from, to] = [rruleJs.datetime(2026, 1, 1), rruleJs.datetime(2027, 1, 1)];
  const count = 365 * 6;
  const source = "DTSTART;TZID=Europe/Berlin:20200101T003000\nRRULE:FREQ=DAILY;BYHOUR=1,5,9,13,17,21";
  const classic = count / (timed(() => rruleJs.rrulestr(source).between(from, to)) / 1000);
  report("expansion with zone, rrule.js", classic, "occurrences/s", 1);
  const parsed = new RRuleTemporal({ rruleString: source, cache: false });
  const [begin, end] = [year.from, year.to].map((at) => at.toZonedDateTimeISO("Europe/Berlin"));
  if (begin === undefined || end === undefined) return;
  const modern = count / (warm(3, () => parsed.between(begin, end)) / 1000);
  report("expansion with zone, rrule-temporal", modern, "occurrences/s", 3);
  report("expansion with zone, ratio to rrule.js", ours / classic, "x", 1);
  report("expansion with zone, ratio to rrule-temporal", ours / modern, "x", 3);
}

function benchFleet(): void {
  const services = Array.from({ length: 1_000 }, (_, n) => `service-${n}`);
  const anyService = (): string => (random() < 0.02 ? `service-${Math.floor(random() * 100)}*` : pick(services));
  const windows = Array.from({ length: 1_200 }, (_, n) => aWindow(n, anyService()));
  const freezes = [
    ...Array.from({ length: 795 }, (_, n) => aFreeze(n, anyService())),
    ...Array.from({ length: 5 }, (_, n) => aFreeze(1_000 + n, "*")),
  ];
  const query = { windows, freezes, environment, between: year };
  const subjects = services.map(aSubject);
  const askAll = (cache: ReturnType<typeof timetableCache>, over: object): void => {
    for (const subject of subjects) cache.timetableOf({ ...query, ...over, subject });
  };
  const first = timetableCache();
  report(
    "open time of 1,000 scopes x 1 year over 2,000 rules, first call",
    timed(() => askAll(first, {})),
    "ms",
    1,
  );
  const cold = median(Array.from({ length: 5 }, () => timed(() => askAll(timetableCache(), {}))));
  report("open time of 1,000 scopes x 1 year over 2,000 rules, cold cache", cold, "ms", 5);
  report(
    "open time of 1,000 scopes again, nothing changed",
    warm(9, () => askAll(first, {})),
    "ms",
    9,
  );
  const oneChanged = Array.from({ length: 15 }, (_, n) => {
    const over = { windows: windows.with(n * 7, aWindow(5_000 + n, pick(services))) };
    return timed(() => askAll(first, over));
  });
  report("open time of 1,000 scopes after one rule changed", median(oneChanged), "ms", oneChanged.length);
  let round = 0;
  const touchAll = {
    freeze: () => askAll(first, { freezes: freezes.with(freezes.length - 1, aFreeze(6_000 + round++, "*")) }),
    window: () => askAll(first, { windows: windows.with(0, aWindow(7_000 + round++, "*")) }),
  };
  for (const [sort, touch] of Object.entries(touchAll)) {
    report(`open time of 1,000 scopes after a ${sort} of all of them changed`, warm(21, touch), "ms", 21);
  }
}

function benchAlgebra(): void {
  const fiveYears = { from: year.from, to: Temporal.Instant.from("2031-01-01T00:00Z") };
  const teams = zones.slice(0, 4).map((zone) => {
    const open = spansOf("window", { ...aRule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"), zone }, zone, fiveYears);
    const frozen = spansOf(
      "freeze",
      { ...aRule("FREQ=MONTHLY;BYDAY=1MO", "2020-01-01T00:00", 1440), zone },
      zone,
      fiveYears,
    );
    if (!open.ok || !frozen.ok) throw new Error("a rule of the benchmark cannot be read");
    return { open: open.value, frozen: frozen.value };
  });
  const all = (): unknown => teams.map(({ open, frozen }) => difference(open, frozen)).reduce(intersection);
  report("windows minus freezes of four teams, joined over five years", warm(51, all), "ms", 51);
}

benchOpenings();
benchNext();
benchExpansion();
benchAlgebra();
benchFleet();
