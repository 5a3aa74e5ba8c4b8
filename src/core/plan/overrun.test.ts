import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, integer, option, property } from "fast-check";
import { alertAt, sayOverrun, slowestOf, type StepTime } from "#core/plan/overrun.ts";

const start = Temporal.Instant.from("2026-11-02T12:00:00Z");
const turn = start.add({ hours: 10 });
const times: readonly StepTime[] = [
  { name: "sign", seconds: 840, usual: 180, isUnderWay: true },
  { name: "copy", seconds: 1200, usual: 1150, isUnderWay: false },
];

test("A run is late when it takes longer than nine of ten before, and at the last tenth before the way back at the latest", () => {
  for (const [usual, after] of [
    [1440, 1440],
    [3, 60],
    [null, 32_400],
    [36_000, 32_400],
  ] as const) {
    assert.equal(alertAt(start, turn, usual).toString(), start.add({ seconds: after }).toString(), String(usual));
  }
});

test("The alert never comes before the begin nor after the way back has to begin", () => {
  check(
    property(integer({ min: 0, max: 2_592_000 }), option(integer({ min: 0, max: 2_592_000 })), (left, usual) => {
      const turnAt = start.add({ seconds: left });
      const at = alertAt(start, turnAt, usual);
      assert.ok(Temporal.Instant.compare(at, start) >= 0 && Temporal.Instant.compare(at, turnAt) <= 0);
    }),
  );
});

test("The slow step is the one that has cost the most over what is usual", () => {
  assert.equal(slowestOf(times)?.name, "sign");
  assert.equal(slowestOf([]), null);
});

test("The sentence says what is usual, or that the way back begins, and names the slow step", () => {
  const run = { startedAt: start, turnAt: turn, usualSeconds: 1440 };
  assert.equal(
    sayOverrun(run, start.add({ minutes: 24 }), times),
    "Nine of ten runs before took 24 min at most. sign has taken 14 min, usually 3 min at most.",
  );
  assert.equal(
    sayOverrun({ ...run, usualSeconds: null }, start.add({ hours: 9 }), []),
    "The way back begins by itself in 1 h, and not everything is done.",
  );
});
