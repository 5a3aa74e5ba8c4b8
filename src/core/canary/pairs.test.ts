import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { judgePairs } from "#core/canary/pairs.ts";

const series = Array.from({ length: 60 }, (_, index) => 100 + 30 * Math.sin(index) + 10 * Math.cos(index * 7));

for (const [title, canary, outcome] of [
  [
    "a canary half as high again is worse",
    series.map((value, index) => value * (1.5 + 0.2 * Math.sin(index * 3))),
    "worse",
  ],
  [
    "a canary that wavers around the control is not worse",
    series.map((value, index) => value * (1 + 0.05 * Math.sin(index * 3))),
    "not-worse",
  ],
  ["a canary that is lower is not worse", series.map((value) => value * 0.8), "not-worse"],
] as const) {
  test(title, () => assert.equal(judgePairs(series, canary, 0.01), outcome));
}

test("a value that is no number is never health", () => {
  assert.equal(judgePairs(series, [...series.slice(1), Number.NaN], 0.01), "not-enough");
});

test("a handful of pairs is not enough", () => {
  assert.equal(judgePairs([1, 1, 1], [9, 9, 9], 0.01), "not-enough");
});

test("two silent series are not enough", () => {
  const silent = Array.from({ length: 60 }, () => 0);
  assert.equal(judgePairs(silent, silent, 0.01), "not-enough");
});

interface Pair {
  readonly effect: number;
  readonly control: readonly number[];
  readonly experiment: readonly number[];
}

const file = new URL("../../../../shared/data/canary/pairs.json.gz", import.meta.url);
const skip = existsSync(file) ? false : "the recorded series are not part of the repository";

test("recorded series: at most one per cent of false alarms, and most real effects found", { skip }, (t) => {
  const { cases }: { cases: readonly Pair[] } = JSON.parse(gunzipSync(readFileSync(file)).toString());
  const found = new Map<number, { cases: number; worse: number }>();
  for (const { effect, control, experiment } of cases) {
    const row = found.get(effect) ?? { cases: 0, worse: 0 };
    found.set(effect, row);
    row.cases++;
    if (judgePairs(control, experiment, 0.01) === "worse") row.worse++;
  }
  const share = (effect: number) => (found.get(effect)?.worse ?? 0) / (found.get(effect)?.cases ?? 1);
  t.diagnostic([...found].map(([effect, { cases: count, worse }]) => `x${effect}: ${worse} of ${count}`).join(", "));
  assert.ok(share(1) <= 0.01);
  assert.ok(share(1.25) >= 0.65 && share(2) >= 0.85);
});
