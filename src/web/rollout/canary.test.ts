import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bandPath,
  betweenText,
  evidenceText,
  loudestMetric,
  missingText,
  needText,
  placeText,
  ratioFrame,
  ratioRows,
  type RatioPoint,
} from "#web/rollout/canary.ts";

function point(second: number, lower: number, upper: number | null): RatioPoint {
  return { second, percent: 5, lower, upper, estimate: 1, evidence: 1 };
}

test("an interval says which of its sides are open", () => {
  assert.equal(betweenText(point(0, 0, null)), "not bounded yet");
  assert.equal(betweenText(point(0, 0, 3.14)), "below 3.1 ×");
  assert.equal(betweenText(point(0, 1.25, null)), "above 1.3 ×");
  assert.equal(betweenText(point(0, 0.8, 1.4)), "0.8 × to 1.4 ×");
});

test("open sides reach the edges of the drawing, and later looks lie to the right", () => {
  const points = [point(100, 0, null), point(160, 0.5, 2)];
  const frame = ratioFrame(points, 600, 260);
  const path = bandPath(points, frame);
  assert.match(path, new RegExp(`^M${frame.x(100)},${frame.y(8)}`));
  assert.ok(path.includes(`${frame.x(160)},${Math.round(frame.y(2) * 1000) / 1000}`));
  assert.ok(frame.y(8) < frame.y(0.25));
});

test("what is still needed is said in requests and in time, as far as anybody can tell", () => {
  const now = { outcome: "not-enough" as const, canaryRequests: 1200, holds: [] };
  assert.match(needText({ ...now, furtherRequests: 800, furtherSeconds: 200 }), /about 800 more .* about 3 min/);
  assert.match(needText({ ...now, furtherRequests: null, furtherSeconds: null }), /cannot be told yet/);
  assert.match(needText({ ...now, outcome: "worse", furtherRequests: 0, furtherSeconds: 0 }), /one run of a hundred/);
});

test("of a run that has ended nothing more is awaited", () => {
  const now = { outcome: "not-enough" as const, canaryRequests: 7, holds: [], furtherRequests: 800, furtherSeconds: 9 };
  assert.equal(
    needText(now, true),
    "7 requests of the new version. The run ended before the comparison had proven harm or health.",
  );
  assert.equal(placeText({ place: "ahead" }, true), "not reached");
  assert.equal(placeText({ place: "ahead" }), "ahead");
});

test("the picture begins with the metric that speaks loudest against the new version", () => {
  const bare = { outcome: "not-enough", lower: 0, upper: null, estimate: null } as const;
  const look = (metric: "errors" | "latency", evidence: number) => ({ ...bare, metric, evidence });
  const looks = [{ second: 1, percent: 5, metrics: [look("errors", 1), look("latency", 30)] }];
  assert.equal(loudestMetric({ looks }), "latency");
  assert.equal(loudestMetric({ looks: [] }), "errors");
});

test("a stage says what it misses of its minimum, and only while it is watched", () => {
  const stage = { percent: 5, place: "present", minSeconds: 60, maxSeconds: 900, minRequests: 50 } as const;
  assert.equal(missingText({ ...stage, seconds: 20, requests: 30 }), "40 s and 20 requests to its minimum");
  assert.equal(missingText({ ...stage, seconds: 70, requests: 80 }), null);
  assert.equal(missingText({ ...stage, place: "passed", seconds: 1, requests: 1 }), null);
});

test("the table keeps the newest look, and few enough rows to read", () => {
  const rows = ratioRows(Array.from({ length: 401 }, (_, second) => point(second, 0, null)));
  assert.ok(rows.length <= 40);
  assert.equal(rows.at(-1)?.second, 400);
});

test("evidence is told as far as it says something", () => {
  assert.deepEqual([0.034, 1, 142.3, 2e9].map(evidenceText), ["0.034", "1.0", "142", "1 000 000 and more"]);
});
