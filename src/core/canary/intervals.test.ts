import assert from "node:assert/strict";
import { test } from "node:test";
import { drawOf, logGenerating } from "#core/canary/conditional-law.ts";
import { boundOfBucket, slowSteps, toBuckets } from "#core/canary/latency.ts";
import { quantilePicture, ratioPicture } from "#core/canary/picture.ts";
import { quantileInterval } from "#core/canary/quantile-interval.ts";
import { binomial, generator } from "#test/canary/simulate.ts";

function looksOf(seed: number, seconds: number, ratio: number) {
  const random = generator(seed);
  return Array.from({ length: seconds }, (_, second) => {
    const step = {
      controlTrials: 40,
      controlEvents: binomial(random, 40, 0.05),
      canaryTrials: 20,
      canaryEvents: binomial(random, 20, (0.05 * ratio) / (1 + 0.05 * (ratio - 1))),
    };
    return { second, step };
  });
}

test("the confidence sequence holds the true odds ratio at all looks in all but alpha of the runs, and closes in on it", () => {
  const alpha = 0.1;
  let missed = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const ratio = seed % 2 === 0 ? 1 : 2;
    const picture = ratioPicture(looksOf(seed, 300, ratio), "rate", alpha);
    if (picture.some(({ lower, upper }) => lower > ratio || (upper ?? Infinity) < ratio)) missed++;
    const last = picture.at(-1);
    assert.ok(last?.upper !== undefined && last.upper !== null && last.upper / last.lower < 2.2);
  }
  assert.ok(missed <= 13, `${missed} of 60 missed`);
});

test("the limits agree with the likelihood itself, taken between the points of the grid", () => {
  const looks = looksOf(9, 200, 1.5);
  const last = ratioPicture(looks, "rate", 0.05).at(-1);
  const likelihood = (psi: number): number => {
    let sum = 0;
    for (const { step } of looks) {
      const draw = drawOf(step, "rate");
      if (draw !== null) sum += step.canaryEvents * Math.log(psi) - logGenerating(draw, psi);
    }
    return sum;
  };
  // Both ends lie on the same height of a curve that is highest at the estimate.
  const [low, high] = [likelihood(last?.lower ?? 1), likelihood(last?.upper ?? 1)];
  assert.ok(Math.abs(low - high) < 0.5, `${low} and ${high}`);
  assert.ok(likelihood(last?.estimate ?? 1) > Math.max(low, high));
});

test("without events, or with one arm silent, nothing is bounded", () => {
  const silent = { controlTrials: 100, controlEvents: 3, canaryTrials: 0, canaryEvents: 0 };
  const [look] = ratioPicture([{ second: 0, step: silent }], "rate", 0.05);
  assert.deepEqual(look, { second: 0, lower: 0, upper: null, estimate: null });
});

test("the confidence sequence of a quantile holds it at all looks, and grows narrow", () => {
  let missed = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const random = generator(seed * 31);
    const looks = Array.from({ length: 200 }, (_, second) => {
      const counts = Array.from({ length: 20 }, () => 0);
      for (let request = 0; request < 20; request++) {
        const bucket = Math.floor(random() * 20);
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
      return { second, counts };
    });
    const picture = quantilePicture(looks, 0.72, 0.1);
    // 72 % of twenty equal buckets lie in the fifteenth.
    if (picture.some(({ from, to }) => (from ?? 0) > 14 || (to ?? 20) < 14)) missed++;
    const last = picture.at(-1);
    assert.ok((last?.to ?? 20) - (last?.from ?? 0) <= 2);
  }
  assert.ok(missed <= 9, `${missed} of 40 missed`);
  assert.equal(quantileInterval([0, 0], 0.5, 0.1), null);
});

test("a threshold of latency comes from before the step, and ties fall on one side", () => {
  const reading = { control: [5, 5, 0], canary: [0, 5, 5] };
  const limits = { quantiles: [0.5], bucketsAbove: 0 };
  assert.deepEqual(slowSteps([], reading, limits)[0]?.controlTrials, 0);
  assert.deepEqual(slowSteps([0, 9, 1], reading, limits), [
    { controlTrials: 10, controlEvents: 0, canaryTrials: 10, canaryEvents: 5 },
  ]);
});

test("single values are counted in buckets that are known to 6 %, and nothing falls outside", () => {
  for (const value of [0, 0.0005, 0.7, 12, 950, 1e12]) {
    const counts = toBuckets([value]);
    const bucket = counts.indexOf(1);
    assert.ok(bucket >= 0);
    if (value < 0.001 || value > 1e6) continue;
    assert.ok(value <= boundOfBucket(bucket) * (1 + 1e-12) && value > boundOfBucket(bucket) / 1.0596);
  }
});
