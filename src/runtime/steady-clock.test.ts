import assert from "node:assert/strict";
import { test } from "node:test";
import { steadyClock } from "#runtime/steady-clock.ts";

const noon = Temporal.Instant.from("2026-11-02T12:00:00Z");

function machine() {
  const time = { wall: noon, ms: 1_000 };
  const pass = (ms: number): void => {
    time.wall = time.wall.add({ milliseconds: ms });
    time.ms += ms;
  };
  const clock = steadyClock(
    () => time.wall,
    () => time.ms,
  );
  return { time, pass, clock };
}

test("a jump of the machine's time of day moves nothing, in either direction, and is told", () => {
  const { time, pass, clock } = machine();
  pass(5_000);
  for (const jump of [{ hours: 1 }, { hours: -2 }, { minutes: 55 }] as const) {
    time.wall = time.wall.add(jump);
    assert.equal(clock.now().toString(), noon.add({ seconds: 5 }).toString());
  }
  assert.equal(clock.aheadMs(), -5 * 60_000);
});

test("a machine that began with a wrong time of day takes that of the reference", () => {
  const { pass, clock, time } = machine();
  const truth = noon.subtract({ hours: 1 });
  clock.align(truth, time.ms, time.ms);
  assert.equal(clock.now().toString(), truth.toString());
  pass(1_500);
  assert.equal(clock.now().toString(), truth.add({ milliseconds: 1_500 }).toString());
});

test("what is within the tolerance, or within what a slow answer leaves open, corrects nothing", () => {
  const { time, clock } = machine();
  clock.align(noon.add({ milliseconds: 200 }), time.ms, time.ms);
  clock.align(noon.subtract({ milliseconds: 900 }), time.ms - 1_000, time.ms + 1_000);
  assert.equal(clock.now().toString(), noon.toString());
});
