import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  dueCheckIn,
  exitCriteria,
  missedCheckIns,
  nextCheckIn,
  type Stabilisation,
} from "#core/rollout/stabilisation.ts";
import type { Trigger } from "#core/rollout/triggers.ts";

const liveAt = Temporal.Instant.from("2026-06-01T10:00Z");
const at = (minutes: number): Temporal.Instant => liveAt.add({ minutes });
const span = { liveAt, endsAt: at(24 * 60) };
const errors: Trigger = {
  name: "errors",
  kind: "errors",
  above: 1,
  breaches: 3,
  of: 5,
  minRequests: 20,
  evidence: null,
};
const plan: Stabilisation = {
  lastsSeconds: 24 * 3600,
  alerts: [errors],
  watcher: "ines",
  checkInSeconds: 3600,
  escalate: "operations",
};

test("a check-in is missed when its grace is over and nobody has given it", () => {
  assert.deepEqual(missedCheckIns(plan, span, [], at(69)), []);
  assert.deepEqual(
    missedCheckIns(plan, span, [], at(130)).map(({ number }) => number),
    [1, 2],
  );
  assert.deepEqual(missedCheckIns(plan, span, [at(55)], at(100)), []);
  assert.deepEqual(
    missedCheckIns(plan, span, [at(55), at(125)], at(200)).map(({ number }) => number),
    [3],
  );
  assert.deepEqual(missedCheckIns({ checkInSeconds: null }, span, [], at(600)), []);
});

test("a check-in is asked for from its hour on until it is given, however late, or the next one is due", () => {
  const due = (given: readonly number[], minute: number): number | null =>
    dueCheckIn(plan, span, given.map(at), at(minute))?.number ?? null;
  assert.deepEqual([due([], 59), due([], 60), due([], 100), due([], 120)], [null, 1, 1, 2]);
  assert.deepEqual([due([45], 60), due([61], 61), due([90], 119)], [null, null, null], "given");
  assert.deepEqual([due([65], 120), due([90], 120)], [2, null], "what counted for the first does not count again");
  assert.equal(due([], 26 * 60), 24, "none behind the end");
  assert.equal(dueCheckIn(plan, span, [], at(60))?.late.toString(), at(70).toString());
  assert.equal(dueCheckIn({ checkInSeconds: null }, span, [], at(600)), null);
});

test("what was missed is what was due when its grace ended", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 })), fc.integer({ min: 1, max: 5 }), (minutes, number) => {
      const given = minutes.map(at);
      const ends = at(number * 60 + 10);
      const known = given.filter((moment) => Temporal.Instant.compare(moment, ends) <= 0);
      const isMissed = missedCheckIns(plan, span, given, ends).some((one) => one.number === number);
      return isMissed === (dueCheckIn(plan, span, known, ends)?.number === number);
    }),
  );
});

test("no check-in is asked for behind the end", () => {
  assert.equal(missedCheckIns(plan, span, [], at(72 * 60)).length, 24);
  assert.equal(nextCheckIn(plan, span, [at(40)], at(45))?.toString(), at(120).toString());
  assert.equal(nextCheckIn(plan, span, [], at(24 * 60)), null);
});

test("the exit needs everything green, and what nobody knows is not green", () => {
  const well = { at: at(1400), person: "ines", isWell: true, sentence: "All quiet." };
  const exit = (standing: "quiet" | "unknown" | "breached", missed = 0) =>
    exitCriteria(
      plan,
      [],
      { standings: { errors: standing } },
      [well],
      Array.from({ length: missed }, (_, number) => ({ number: number + 1, due: at(60) })),
    ).every(({ isGreen }) => isGreen);
  assert.deepEqual([exit("quiet"), exit("unknown"), exit("breached"), exit("quiet", 1)], [true, false, false, false]);
  const silent = exitCriteria(plan, [], { standings: { errors: "quiet" } }, [], []);
  assert.deepEqual(silent.at(-1), { name: "check-ins", isGreen: false, sentence: "Nobody has said how it goes." });
});
