import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { spansOf } from "#core/calendar/expand.ts";
import { rememberedSpans } from "#core/calendar/expansion.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import { aFreeze, aLocalRule, aWindow, instants } from "#core/testing.ts";

const hours = (count: number): LocalRule["end"] => ({
  kind: "elapsed",
  duration: Temporal.Duration.from({ hours: count }),
});

/** Kept between the questions, so that most of them are answered from memory. */
const rules: readonly LocalRule[] = [
  aWindow().rule,
  aLocalRule({ rrule: "FREQ=DAILY", end: hours(30) }),
  aLocalRule({ rrule: "FREQ=DAILY", end: { kind: "wall", minuteOfDay: 150 } }),
  aLocalRule({ rrule: "FREQ=WEEKLY;INTERVAL=2;COUNT=9", end: hours(100) }),
  aLocalRule({ rrule: "FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20260801T000000Z", end: hours(24) }),
  aFreeze("2026-01-10T00:00", "2026-11-01T02:30").rule,
  aLocalRule({ rrule: null, end: hours(5_000) }),
  aLocalRule({ zone: "Mars/Olympus" }),
  aLocalRule({ rrule: "FREQ=NEVER" }),
];

test("spans from memory are those of expanding the rule, whatever range is asked about", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...rules),
      fc.constantFrom("window" as const, "freeze" as const),
      fc.constantFrom("Europe/Berlin", "Australia/Lord_Howe", "UTC"),
      instants,
      fc.oneof(fc.integer({ min: 1, max: 90 * 1_440 }), fc.integer({ min: 1, max: 4 * 365 * 1_440 })),
      (rule, kind, zone, from, minutes) => {
        const between = { from, to: from.add({ minutes }) };
        assert.deepEqual(rememberedSpans(kind, rule, zone, between), spansOf(kind, rule, zone, between));
      },
    ),
    { numRuns: 500 },
  );
});
