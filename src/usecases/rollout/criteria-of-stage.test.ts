import assert from "node:assert/strict";
import { test } from "node:test";
import type { Criterion } from "#core/criteria/criterion.ts";
import { criteriaAt } from "#usecases/rollout/criteria-of-stage.ts";

const stageAt = (percent: number) => ({ percent, minSeconds: 10, maxSeconds: 300, minRequests: 5 });
const stages = [stageAt(5), stageAt(100)];
const latency: Criterion = {
  name: "checkout/latency",
  source: "own",
  query: "p95-ms",
  unit: "ms",
  aggregate: "mean",
  worse: "higher",
  limit: 1500,
  against: [{ kind: "control", percent: 300 }],
  windowSeconds: 20,
  freshSeconds: 60,
  minPoints: 3,
  minObservations: 8,
  whenAbsent: "unknown",
  onBreach: "fail",
};
const relative: Criterion = { ...latency, limit: null };

test("with all the traffic at the new version nothing is compared with the former one, and limits hold", () => {
  assert.deepEqual(criteriaAt([latency, relative], stageAt(5), stages), [latency, relative]);
  assert.deepEqual(criteriaAt([latency, relative], stageAt(100), stages), [{ ...latency, against: [] }]);
});

test("former weeks are compared with at every share", () => {
  const weekly: Criterion = { ...relative, against: [{ kind: "former-weeks", percent: 90, weeks: 4, minWeeks: 2 }] };
  assert.deepEqual(criteriaAt([weekly], stageAt(100), stages), [weekly]);
});

test("a rollout without a smaller share leaves no comparison out: it was never made", () => {
  assert.deepEqual(criteriaAt([relative], stageAt(100), [stageAt(100)]), [relative]);
});
