import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf, counters, keptSeconds } from "#agent/counters.ts";
import { latencyBoundsMs } from "#contract/agent.ts";

test("A second is given out when it is over, not before", () => {
  let now = 1_000_000;
  const counted = counters(() => now);
  counted.count("1.0.0", 5, "answered");
  counted.count("1.0.0", 5, "failed");
  assert.deepEqual(counted.since(0), { seconds: [], completeBefore: 1000 });
  now += 1000;
  const { seconds, completeBefore } = counted.since(0);
  assert.equal(completeBefore, 1001);
  assert.equal(seconds.length, 1);
  assert.deepEqual([seconds[0]?.second, seconds[0]?.requests, seconds[0]?.errors], [1000, 2, 1]);
});

test("What is older than 15 minutes is forgotten", () => {
  let now = 1_000_000;
  const counted = counters(() => now);
  counted.count("1.0.0", 5, "answered");
  now += keptSeconds * 1000;
  assert.equal(counted.since(0).seconds.length, 0);
});

test("A clock that jumps back neither reopens a finished second nor hides the next one", () => {
  let now = 1_000_000;
  const counted = counters(() => now);
  counted.count("1.0.0", 5, "answered");
  now -= 60_000;
  counted.count("1.0.0", 5, "answered");
  assert.equal(counted.since(0).completeBefore, 1000);
  now = 1_001_000;
  assert.equal(counted.since(0).seconds[0]?.requests, 2);
});

test("A latency falls into the first bucket whose bound it does not exceed", () => {
  assert.equal(bucketOf(0.2), 0);
  assert.equal(bucketOf(1), 0);
  assert.equal(bucketOf(1.01), 1);
  assert.equal(bucketOf(1_000_000), latencyBoundsMs.length);
});
