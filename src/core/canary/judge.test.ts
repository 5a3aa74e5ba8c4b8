import assert from "node:assert/strict";
import { test } from "node:test";
import { createCanaryJudge, maxMetrics, type CanaryState, type Sample } from "#core/canary/judge.ts";
import { plainMetric, type MetricSpec, type Reading } from "#core/canary/metric.ts";
import { equalArms, generator, readingsOf, type StreamKind } from "#test/canary/simulate.ts";
import { specFor } from "#test/canary/watch.ts";

const errors: MetricSpec = { ...plainMetric, name: "errors", kind: "rate" };

function rate(canaryEvents: number, over: Partial<Extract<Reading, { kind: "rate" | "count" }>> = {}): Reading {
  return { kind: "rate", controlTrials: 100, controlEvents: 1, canaryTrials: 100, canaryEvents, ...over };
}

function sample(second: number, reading: Reading, series = "a"): Sample {
  return { second, series, reading };
}

function judgeOf(metrics: readonly MetricSpec[], alpha = 0.01) {
  return createCanaryJudge({ alpha, metrics, freshForSeconds: 30 });
}

test("a bad canary is worse, with the metric that shows it, and stays so when it is quiet afterwards", () => {
  const judge = judgeOf([errors, { ...errors, name: "timeouts" }]);
  let state = judge.initial;
  for (let second = 0; second < 20; second++) {
    state = judge.observe(state, second, [sample(second, rate(9)), sample(second, rate(1))]);
  }
  const verdict = judge.verdict(state, 19);
  assert.equal(verdict.outcome, "worse");
  assert.deepEqual(verdict.blamed, ["errors"]);
  for (let second = 20; second < 600; second++) {
    state = judge.observe(state, second, [sample(second, rate(0)), sample(second, rate(1))]);
  }
  assert.equal(judge.verdict(state, 599).outcome, "worse");
});

test("an equal canary is not worse in the end, and until then the judge says how much is missing", () => {
  const judge = judgeOf([errors]);
  let state = judge.observe(judge.initial, 0, [sample(0, rate(1))]);
  const [first] = judge.verdict(state, 0).metrics;
  assert.equal(first?.outcome, "not-enough");
  assert.ok(first?.furtherToClear !== null && first?.furtherToClear !== undefined && first.furtherToClear > 1000);
  assert.equal(first.furtherSeconds, Math.ceil(first.furtherToClear / 100));
  assert.ok(first.furtherToFindDouble !== null && first.furtherToFindDouble > 100);
  for (let second = 1; second < 400; second++) state = judge.observe(state, second, [sample(second, rate(1))]);
  assert.equal(judge.verdict(state, 399).outcome, "not-worse");
});

test("of a metric of which less is worse, less is worse", () => {
  const judge = judgeOf([{ ...errors, name: "orders", worse: "lower" }]);
  const run = (canaryEvents: number): string => {
    let state = judge.initial;
    for (let second = 0; second < 200; second++) {
      state = judge.observe(state, second, [sample(second, rate(canaryEvents, { controlEvents: 30 }))]);
    }
    return judge.verdict(state, 199).outcome;
  };
  assert.deepEqual([run(15), run(30), run(45)], ["worse", "not-worse", "not-worse"]);
});

const bad: readonly (readonly [string, Sample | null])[] = [
  ["no sample", null],
  ["NaN", sample(301, rate(Number.NaN))],
  ["time that jumps back", sample(3, rate(1))],
  ["changed labels", sample(301, rate(1), "b")],
  ["a reading of another kind", sample(301, { kind: "gauge", control: 1, canary: 1 })],
  ["a reset counter", sample(301, rate(1, { controlTrials: -3 }))],
];
for (const [title, last] of bad) {
  test(`${title} holds the position of a canary that had been fine, and is no evidence`, () => {
    const judge = judgeOf([errors]);
    let state = judge.initial;
    for (let second = 0; second <= 300; second++) state = judge.observe(state, second, [sample(second, rate(1))]);
    assert.equal(judge.verdict(state, 300).outcome, "not-worse");
    const now = last === null ? 331 : 301;
    const after = judge.observe(state, now, [last]);
    const verdict = judge.verdict(after, now);
    assert.equal(verdict.outcome, "not-enough");
    assert.equal(verdict.holds.length, 1);
    assert.deepEqual(after.metrics, state.metrics);
  });
}

test("sources grow stale while nobody looks", () => {
  const judge = judgeOf([errors]);
  let state = judge.initial;
  for (let second = 0; second <= 300; second++) state = judge.observe(state, second, [sample(second, rate(1))]);
  assert.equal(judge.verdict(state, 331).outcome, "not-enough");
});

test("no traffic is never health, however long it lasts", () => {
  const judge = judgeOf([errors, { ...errors, name: "rare", healthyBelow: 0.01 }]);
  let state = judge.initial;
  for (let second = 0; second < 3600; second++) {
    const silent = sample(second, rate(0, { canaryTrials: 0 }));
    state = judge.observe(state, second, [silent, silent]);
  }
  const verdict = judge.verdict(state, 3599);
  assert.equal(verdict.outcome, "not-enough");
  assert.deepEqual(
    verdict.metrics.map(({ furtherToClear }) => furtherToClear),
    [null, null],
  );
});

test("harm that is spread over many metrics is found together, before any of them proves it alone", () => {
  const specs = Array.from({ length: 20 }, (_, index) => ({ ...errors, name: `m${index}` }));
  const judge = judgeOf(specs);
  let state = judge.initial;
  let second = 0;
  while (judge.verdict(state, second).outcome !== "worse") {
    second++;
    state = judge.observe(
      state,
      second,
      specs.map(() => sample(second, rate(3))),
    );
  }
  const verdict = judge.verdict(state, second);
  assert.ok(verdict.metrics.every(({ harm, needed }) => harm < needed));
  assert.equal(verdict.blamed.length, 20);
});

test("fifty equal metrics with common bursts raise a false alarm in at most alpha of the runs", (t) => {
  const kinds: readonly StreamKind[] = ["rate", "count", "gauge", "burst", "count"];
  const specs = Array.from({ length: 50 }, (_, index) => ({
    ...specFor(kinds[index % 5] ?? "rate"),
    name: `m${index}`,
  }));
  const judge = judgeOf(specs, 0.1);
  let alarms = 0;
  for (let run = 1; run <= 30; run++) {
    // The same trouble at the same time in all: every metric of a kind has the same seed for its setting.
    const streams = specs.map((_, index) =>
      readingsOf(kinds[index % 5] ?? "rate", run * 1000 + (index < 10 ? 0 : index), { ...equalArms, seconds: 120 }),
    );
    let state = judge.initial;
    for (let second = 0; second < 120; second++) {
      const samples = streams.map((stream) => {
        const { value, done } = stream.next();
        return done === true ? null : sample(second, value);
      });
      state = judge.observe(state, second, samples);
    }
    if (judge.verdict(state, 119).outcome === "worse") alarms++;
  }
  t.diagnostic(`${alarms} alarms in 30 runs at alpha 0.1`);
  assert.ok(alarms <= 8);
});

test("equal inputs give equal judgements, byte for byte, also when the state was stored in between", () => {
  const specs = (["rate", "count", "heavy tail", "gauge"] as const).map(specFor);
  const judge = judgeOf(specs);
  const streams = specs.map((spec, index) =>
    readingsOf(spec.name === "heavy tail" ? "heavy tail" : spec.kind === "latency" ? "ties" : spec.kind, index, {
      ...equalArms,
      seconds: 60,
    }),
  );
  let kept = judge.initial;
  let stored: CanaryState = judge.initial;
  for (let second = 0; second < 60; second++) {
    const samples = streams.map((stream) => {
      const { value, done } = stream.next();
      return done === true ? null : sample(second, value);
    });
    kept = judge.observe(kept, second, samples);
    stored = judge.observe(JSON.parse(JSON.stringify(stored)), second, samples);
  }
  assert.equal(JSON.stringify(judge.verdict(stored, 60)), JSON.stringify(judge.verdict(kept, 60)));
});

test("the state of a judgement stays small, however long it goes on", () => {
  const judge = judgeOf([specFor("heavy tail"), specFor("gauge")]);
  const random = generator(1);
  let state = judge.initial;
  let sizeAfterMinute = 0;
  for (let second = 0; second < 2000; second++) {
    const counts = Array.from({ length: 30 }, () => Math.floor(random() * 3));
    const latency: Reading = { kind: "latency", control: counts, canary: counts };
    const gauge: Reading = { kind: "gauge", control: random(), canary: random() };
    state = judge.observe(state, second, [sample(second, latency), sample(second, gauge)]);
    if (second === 60) sizeAfterMinute = JSON.stringify(state).length;
  }
  assert.ok(JSON.stringify(state).length < 1.3 * sizeAfterMinute);
});

for (const [title, settings] of [
  ["an alpha of 0", { alpha: 0, metrics: [errors], freshForSeconds: 30 }],
  ["no metric", { alpha: 0.01, metrics: [], freshForSeconds: 30 }],
  [
    "too many metrics",
    { alpha: 0.01, metrics: Array.from({ length: maxMetrics + 1 }, () => errors), freshForSeconds: 30 },
  ],
  ["no freshness", { alpha: 0.01, metrics: [errors], freshForSeconds: 0 }],
  ["no margin", { alpha: 0.01, metrics: [{ ...errors, margin: 0 }], freshForSeconds: 30 }],
  ["no weight", { alpha: 0.01, metrics: [{ ...errors, weight: 0 }], freshForSeconds: 30 }],
  [
    "a latency that must not be low",
    { alpha: 0.01, metrics: [{ ...errors, kind: "latency", worse: "lower" }], freshForSeconds: 30 },
  ],
] as const) {
  test(`settings with ${title} are refused`, () => {
    assert.throws(() => createCanaryJudge(settings), RangeError);
  });
}
