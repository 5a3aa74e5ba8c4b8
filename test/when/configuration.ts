import * as fc from "fast-check";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule, RuleEnd } from "#core/calendar/local-rule.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Scope } from "#core/catalog/scope.ts";
import type { Facts } from "#core/policy/facts.ts";
import {
  aFreeze,
  anApproval,
  anEnvironment,
  aPerson,
  aRoute,
  aService,
  at,
  peopleOf,
  someFacts,
} from "#core/testing.ts";

/** Facts of which time is of the essence, and the minute from which clocks are read for all facts of the season. */
export interface Configuration {
  readonly facts: Facts;
  readonly base: number;
  readonly minutes: number;
}

const horizonDays = 60;
const startDays = 8;

/** Seasons in which clocks change in one or the other zone. */
const seasons = ["2026-02-08T00:00Z", "2026-03-20T00:00Z", "2026-08-30T00:00Z", "2026-10-10T00:00Z"] as const;
const zones = [
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "Africa/Casablanca",
  "Pacific/Auckland",
] as const;
const days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;

const scope: fc.Arbitrary<Scope> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        environments: fc.subarray(["prod-*", "prod-emea", "test-*"], { minLength: 1 }),
        services: fc.subarray(["c?rt", "cart", "pricing", "*"], { minLength: 1 }),
        teams: fc.subarray(["basket", "other"], { minLength: 1 }),
        tags: fc.subarray(["pci", "p*", "web"], { minLength: 1 }),
        tiers: fc.subarray([1, 2], { minLength: 1 }),
        actions: fc.subarray(["deploy", "restart"], { minLength: 1 }),
      },
      { requiredKeys: [] },
    ),
  },
);

/** Minutes of a day, many of them where clocks change. */
const minuteOfDay = fc.oneof(
  fc.integer({ min: 0, max: 1_439 }),
  fc.constantFrom(0, 60, 90, 120, 135, 150, 165, 180, 195, 1_410),
);

function recurring(base: Temporal.PlainDate): fc.Arbitrary<LocalRule> {
  const end: fc.Arbitrary<RuleEnd> = fc.oneof(
    fc.oneof(minuteOfDay, fc.constant(1_440)).map((minute) => ({ kind: "wall" as const, minuteOfDay: minute })),
    fc
      .integer({ min: 15, max: 3_000 })
      .map((minutes) => ({ kind: "elapsed" as const, duration: Temporal.Duration.from({ minutes }) })),
  );
  const frequency = fc.oneof(
    fc.constantFrom("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3"),
    fc
      .tuple(fc.subarray([...days], { minLength: 1, maxLength: 3 }), fc.constantFrom("", ";INTERVAL=2"))
      .map(([byDay, interval]) => `FREQ=WEEKLY${interval};BYDAY=${byDay.join()}`),
  );
  return fc
    .record({
      zone: fc.constantFrom("target", ...zones),
      back: fc.integer({ min: 1, max: 40 }),
      minute: minuteOfDay,
      end,
      rrule: frequency,
      skipped: fc.option(fc.integer({ min: 0, max: 40 })),
    })
    .map(({ zone, back, minute, end: ending, rrule, skipped }) => {
      const weekday = days.indexOf(days.find((day) => rrule.includes(day)) ?? "MO");
      const day = base.subtract({ days: back });
      // The anchor is a day of the rule itself: what else it means is not what is tried here.
      const anchor = rrule.includes("BYDAY") ? day.subtract({ days: (day.dayOfWeek - 1 - weekday + 7) % 7 }) : day;
      const start = anchor.toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 });
      return {
        zone,
        start,
        rrule,
        end: ending,
        exdates: skipped === null ? [] : [start.add({ days: back + skipped })],
      };
    });
}

function windows(base: Temporal.PlainDate): fc.Arbitrary<readonly Window[]> {
  const one = fc.record({ scope, rule: recurring(base) });
  return fc
    .array(one, { maxLength: 4 })
    .map((list) => list.map((rest, n) => ({ ...rest, name: `window-${n}`, onClose: "finish" as const })));
}

function freezes(base: Temporal.PlainDate): fc.Arbitrary<readonly Freeze[]> {
  const once = fc
    .record({
      zone: fc.constantFrom("target", ...zones),
      day: fc.integer({ min: -5, max: 60 }),
      from: minuteOfDay,
      lasts: fc.integer({ min: 20, max: 15 * 1_440 }),
    })
    .map(({ zone, day, from, lasts }): LocalRule => {
      const start = base.add({ days: day }).toPlainDateTime().add({ minutes: from });
      return { zone, start, rrule: null, end: { kind: "until", at: start.add({ minutes: lasts }) }, exdates: [] };
    });
  const one = fc.record({
    scope,
    rule: fc.oneof(once, once, recurring(base)),
    strength: fc.constantFrom("hard" as const, "embargo" as const, "soft" as const),
  });
  return fc
    .array(one, { maxLength: 4 })
    .map((list) =>
      list.map((rest, n) => ({ ...aFreeze("2026-01-01T00:00", "2026-01-02T00:00"), ...rest, name: `freeze-${n}` })),
    );
}

const minutesAhead = fc.integer({ min: -2_000, max: 40_000 });
const lengths = fc.option(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 200 })));

/** What is not about the calendar and yet opens or closes at some time. */
const others = fc.record({
  approval: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("none-needed" as const, "given" as const, "ages" as const) },
    { weight: 1, arbitrary: fc.constant("missing" as const) },
  ),
  approvedAgo: fc.integer({ min: 0, max: 20_000 }),
  lock: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom("free" as const, "ends" as const) },
    { weight: 1, arbitrary: fc.constant("open-ended" as const) },
  ),
  lockEnds: minutesAhead,
  slot: fc.option(minutesAhead, { freq: 3 }),
  hold: fc.option(fc.tuple(scope, fc.option(minutesAhead, { freq: 9 })), { freq: 3 }),
  live: fc.option(fc.constantFrom("3.1.0", "3.2.0"), { freq: 8 }),
  booked: fc.array(
    fc.tuple(minutesAhead, fc.integer({ min: 5, max: 2_000 }), fc.constantFrom("3.1.9", "3.2.1", "4.0.0")),
    { maxLength: 2 },
  ),
  hasDependency: fc.boolean(),
  lengths,
});

type Others = typeof others extends fc.Arbitrary<infer T> ? T : never;

function otherFacts(now: Temporal.Instant, other: Others): Partial<Facts> {
  const later = (minutes: number): Temporal.Instant => now.add({ minutes });
  const route = aRoute({ validFor: other.approval === "ages" ? Temporal.Duration.from("P14D") : null });
  const given = other.approval === "given" || other.approval === "ages";
  const place = { environment: "prod-emea" } as const;
  return {
    routes: other.approval === "none-needed" ? [] : [route],
    people: peopleOf(aPerson("ann")),
    approvals: given ? [anApproval("ann", { at: now.subtract({ minutes: other.approvedAgo }) })] : [],
    locks:
      other.lock === "free"
        ? []
        : [
            {
              key: "environment:prod-emea",
              holder: "dep_1",
              fence: 1,
              until: other.lock === "ends" ? later(other.lockEnds) : null,
            },
          ],
    agreedSlot:
      other.slot === null
        ? null
        : { id: "prp_1", from: later(other.slot), to: later(other.slot + 60), acceptedBy: "ann" },
    deployed: other.live === null ? [] : [{ ...place, service: "pricing", version: other.live, since: later(-99_999) }],
    bookings: other.booked.map(([from, lasts, version], n) => ({
      ...place,
      id: `bok_${n}`,
      service: "pricing",
      version,
      from: later(from),
      to: later(from + lasts),
    })),
    durations:
      other.lengths === null
        ? []
        : [
            {
              ...place,
              service: "cart",
              p95: Temporal.Duration.from({ minutes: other.lengths[0] }),
              rollbackP95: Temporal.Duration.from({ minutes: other.lengths[1] }),
            },
          ],
    holds: other.hold === null ? [] : [holdOf(now, other.hold[0], other.hold[1])],
  };
}

function holdOf(now: Temporal.Instant, about: Scope, until: number | null): Facts["holds"][number] {
  return {
    id: "hld_1",
    scope: about,
    reason: "Somebody looks into it.",
    by: "ann",
    since: now.subtract({ hours: 1 }),
    until: until === null ? null : now.add({ minutes: until }),
    liftedBy: "ann",
  };
}

/** Random windows, freezes and the rest around a season of clock changes; deeper than anybody's calendar. */
export const configurations: fc.Arbitrary<Configuration> = fc.constantFrom(...seasons).chain((season) => {
  const base = at(season);
  const date = base.toZonedDateTimeISO("UTC").toPlainDate();
  return fc
    .record({
      start: fc.integer({ min: 0, max: startDays * 1_440 - 1 }),
      zone: fc.constantFrom(...zones),
      duty: fc.constantFrom("required" as const, "optional" as const),
      windows: windows(date),
      freezes: freezes(date),
      other: others,
    })
    .map(({ start, zone, duty, other, ...calendar }) => {
      const now = base.add({ minutes: start });
      const dependsOn = other.hasDependency ? [{ on: "pricing", kind: "sync" as const, versions: ">=3.2" }] : [];
      const facts = someFacts({
        ...otherFacts(now, other),
        ...calendar,
        at: now,
        horizon: now.add({ hours: 24 * horizonDays }),
        service: aService({ dependsOn, tags: ["pci"] }),
        environment: anEnvironment({ zone, windows: duty }),
      });
      return { facts, base: base.epochMilliseconds / 60_000, minutes: (startDays + horizonDays) * 1_440 };
    });
});
