import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { classify, kayentaDefaults, type KayentaMetric } from "#core/canary/kayenta/classify.ts";
import { withoutOutliers } from "#core/canary/kayenta/clean.ts";
import { shiftBetween } from "#core/canary/kayenta/mann-whitney.ts";
import { scoreCanary, type ScoredMetric } from "#core/canary/kayenta/score.ts";

const low = Array.from({ length: 20 }, (_, index) => 10 + index);
const times = (factor: number): readonly number[] => low.map((value) => value * factor);
const missing = low.map(() => Number.NaN);
const { effectSize } = kayentaDefaults;

const cases: readonly (readonly [string, readonly number[], readonly number[], Partial<KayentaMetric>, string])[] = [
  ["equal values", low, low, {}, "Pass"],
  ["equal values in another order", low, low.toReversed(), {}, "Pass"],
  ["values three times as high", low, times(3), {}, "High"],
  ["values a third as high", low, times(1 / 3), {}, "Low"],
  ["higher values where only lower ones matter", low, times(3), { direction: "decrease" }, "Pass"],
  ["lower values where only higher ones matter", low, times(1 / 3), { direction: "increase" }, "Pass"],
  ["values a little higher in much noise", low, times(1.05), {}, "Pass"],
  [
    "higher values below the effect that is allowed",
    low,
    times(3),
    { effectSize: { ...effectSize, allowedIncrease: 4 } },
    "Pass",
  ],
  [
    "lower values above the effect that is allowed",
    low,
    times(0.5),
    { effectSize: { ...effectSize, allowedDecrease: 0.3 } },
    "Pass",
  ],
  [
    "higher values in nearly all pairs",
    low,
    times(3),
    { effectSize: { ...effectSize, measure: "cles", allowedIncrease: 0.9 } },
    "High",
  ],
  ["no values", [], low, {}, "Nodata"],
  ["missing values only", missing, low, {}, "Nodata"],
  ["missing values of a metric that must have data", low, missing, { mustHaveData: true }, "NodataFailMetric"],
  ["missing values that stand for zero, on both sides", missing, missing, { nanStrategy: "replace" }, "Pass"],
  ["errors where the baseline has none", missing, low, { nanStrategy: "replace", direction: "increase" }, "High"],
  ["one constant above another", [5, 5, 5, 5], [9, 9, 9, 9], {}, "High"],
  ["the same constant", [5, 5, 5], [5, 5], {}, "Pass"],
];
for (const [title, control, experiment, settings, expected] of cases) {
  test(`${title}: ${expected}`, () => {
    assert.equal(classify(control, experiment, { ...kayentaDefaults, ...settings }).classification, expected);
  });
}

test("a critical metric fails the canary when its effect is critical, or cannot be told", () => {
  const critical = { ...kayentaDefaults, critical: true, effectSize: { ...effectSize, criticalIncrease: 4 } };
  assert.equal(classify(low, times(3), critical).isCriticalFailure, false);
  assert.equal(classify(low, times(5), critical).isCriticalFailure, true);
  const untold = classify(missing, low, { ...critical, nanStrategy: "replace" });
  assert.deepEqual([untold.classification, untold.ratio, untold.isCriticalFailure], ["High", null, true]);
});

test("outliers are dropped beyond three interquartile ranges, and never the bulk", () => {
  assert.deepEqual(withoutOutliers([...low, 5000], 3).includes(5000), false);
  assert.deepEqual(withoutOutliers(low, 3), low);
  assert.deepEqual(withoutOutliers([], 3), []);
});

test("the estimate is the median of all differences, and the interval holds it", () => {
  const value = fc.integer({ min: 0, max: 1000 });
  const sample = fc.uniqueArray(value, { minLength: 5, maxLength: 12 });
  fc.assert(
    fc.property(sample, sample, (control, raw) => {
      const experiment = raw.map((own) => own + 0.3);
      const { lower, upper, estimate } = shiftBetween(control, experiment, 0.98);
      assert.ok(lower <= estimate + 1e-6 && estimate <= upper + 1e-6);
      const differences = experiment.flatMap((own) => control.map((other) => own - other)).toSorted((a, b) => a - b);
      const middle = differences.length >> 1;
      const [from, to] = [differences[middle - 1] ?? 0, differences[middle + 1] ?? differences[middle] ?? 0];
      assert.ok(estimate >= from - 1e-6 && estimate <= to + 1e-6);
    }),
  );
});

test("a shift of all values moves the interval by as much", () => {
  const one = shiftBetween(low, times(2), 0.98);
  const other = shiftBetween(
    low,
    times(2).map((value) => value + 7),
    0.98,
  );
  for (const part of ["lower", "upper", "estimate"] as const) assert.ok(Math.abs(other[part] - one[part] - 7) < 1e-6);
});

function metric(name: string, over: Partial<ScoredMetric> = {}): ScoredMetric {
  return { name, groups: ["g"], classification: "Pass", isCriticalFailure: false, isMuted: false, ...over };
}
const thresholds = { pass: 95, marginal: 75 };

for (const [title, metrics, weights, score, outcome] of [
  ["all metrics pass", [metric("a"), metric("b")], {}, 100, "Pass"],
  [
    "nine of ten pass",
    [...Array.from({ length: 9 }, (_, i) => metric(`m${i}`)), metric("x", { classification: "High" })],
    {},
    90,
    "Marginal",
  ],
  ["half fails", [metric("a"), metric("b", { classification: "Low" })], {}, 50, "Fail"],
  [
    "one metric is without data",
    [metric("a"), metric("b"), metric("c", { classification: "Nodata" })],
    {},
    100,
    "Pass",
  ],
  [
    "one without data must have some",
    [metric("a"), metric("b", { classification: "NodataFailMetric" })],
    {},
    50,
    "Fail",
  ],
  ["half is without data", [metric("a"), metric("b", { classification: "Nodata" })], {}, 0, "Fail"],
  ["there is no metric", [], {}, 0, "Fail"],
  [
    "a critical metric fails",
    [metric("a"), metric("b", { classification: "High", isCriticalFailure: true })],
    {},
    0,
    "Fail",
  ],
  ["a muted metric fails", [metric("a"), metric("b", { classification: "High", isMuted: true })], {}, 100, "Pass"],
  ["a heavy group fails", [metric("a"), metric("b", { groups: ["h"], classification: "High" })], { h: 80 }, 20, "Fail"],
  [
    "groups without weights share the rest",
    [metric("a"), metric("b", { groups: ["h"] }), metric("c", { groups: ["i"], classification: "High" })],
    { g: 60 },
    80,
    "Marginal",
  ],
  [
    "a group is without data",
    [metric("a"), metric("b"), metric("c", { groups: ["h"], classification: "Nodata" })],
    {},
    100,
    "Pass",
  ],
] as const) {
  test(`when ${title} the score is ${score}: ${outcome}`, () => {
    const scored = scoreCanary(metrics, weights, thresholds);
    assert.deepEqual([scored.score, scored.outcome], [score, outcome]);
  });
}
