import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Measured } from "#core/criteria/believe.ts";
import type { MetricAnswer, MetricMemory, MetricPoint } from "#core/criteria/series.ts";
import { err, ok } from "#core/result.ts";
import { measuredSteps, spanToAsk } from "#core/rollout/measured.ts";
import { isCalm, standingOf, type MetricTrigger } from "#core/rollout/triggers.ts";

const orders: MetricTrigger = {
  name: "orders",
  kind: "metric",
  above: 5,
  breaches: 3,
  of: 5,
  minRequests: 1,
  evidence: null,
  metric: {
    source: "prometheus",
    query: 'orders{version="{version}"}',
    unit: "orders/s",
    worse: "lower",
    freshSeconds: 60,
    whenAbsent: "unknown",
  },
};
const failed: MetricTrigger = { ...orders, name: "failed", above: 2, metric: { ...orders.metric, worse: "higher" } };

const now = 10_000;

/** A point every fifteen seconds until `end`, by its age in seconds. */
function answerOf(valueAt: (age: number) => number, end = now, labels = { version: "2.0.0" }): MetricAnswer {
  const points = Array.from({ length: 40 }, (_, index): MetricPoint => {
    const atSecond = end - 1 - (39 - index) * 15;
    return { atSecond, value: valueAt(now - atSecond) };
  });
  return { series: [{ labels, unit: "", points }], completeUntil: end };
}

function stoodBy(
  trigger: MetricTrigger,
  answer: Measured | null,
  more: { readonly memory?: MetricMemory; readonly liveSecond?: number } = {},
) {
  const { memory = null, liveSecond = 0 } = more;
  const { steps, measured } = measuredSteps(trigger, { answer, version: "2.0.0", nowSecond: now, liveSecond, memory });
  return { standing: standingOf(trigger, steps), isCalm: isCalm(trigger, steps), steps, ...measured };
}

test("three of five minutes beyond the limit are a breach, whichever way is harm", () => {
  assert.equal(stoodBy(failed, ok(answerOf((age) => (age <= 180 ? 3 : 0)))).standing, "breached");
  assert.equal(stoodBy(orders, ok(answerOf((age) => (age <= 180 ? 1 : 20)))).standing, "breached");
  assert.equal(stoodBy(orders, ok(answerOf(() => 20))).standing, "quiet");
  assert.ok(stoodBy(orders, ok(answerOf(() => 20))).isCalm);
});

test("one spike is none, wherever it lies", () => {
  for (let from = 20; from < 300; from += 7) {
    const spike = answerOf((age) => (age >= from && age < from + 30 ? 500 : 0));
    assert.notEqual(stoodBy(failed, ok(spike)).standing, "breached", String(from));
  }
});

test("a source that lags is judged where it ends, as long as that is fresh", () => {
  const late = stoodBy(failed, ok(answerOf((age) => (age <= 210 ? 3 : 0), now - 30)));
  assert.deepEqual([late.standing, late.value, late.trouble], ["breached", 3, null]);
  assert.equal(late.memory?.newest, now - 31);
});

const bad = (): number => 50;
for (const [title, answer, memory, trouble] of [
  ["has not answered", null, undefined, /has not answered yet/],
  ["fails", err({ sentence: "metrics.example did not answer within 5 s" }), undefined, /did not answer/],
  ["is stale", ok(answerOf(bad, now - 61)), undefined, /the newest point is 62 s old/],
  ["sends NaN", ok(answerOf(() => Number.NaN)), undefined, /no number/],
  ["jumps back", ok(answerOf(bad)), { newest: now + 20, labels: ["version"] }, /and ends at second/],
  [
    "changes its labels",
    ok(answerOf(bad)),
    { newest: now - 60, labels: ["pod", "version"] },
    /the labels of the series/,
  ],
  [
    "knows another version",
    ok(answerOf(bad, now, { version: "1.0.0" })),
    undefined,
    /no series for 2\.0\.0; it knows 1/,
  ],
  ["sends nothing", ok({ series: [], completeUntil: now }), undefined, /no series for 2\.0\.0/],
  ["sends the future", ok(answerOf(bad, now + 600)), undefined, /from now/],
] satisfies (readonly [string, Measured | null, MetricMemory | undefined, RegExp])[]) {
  test(`A source that ${title} is neither health nor a breach, and the reason is kept`, () => {
    for (const trigger of [failed, orders]) {
      const stood = stoodBy(trigger, answer, memory === undefined ? {} : { memory });
      assert.deepEqual([stood.standing, stood.isCalm, stood.steps, stood.value], ["unknown", false, [], null]);
      assert.match(stood.trouble ?? "", trouble);
      assert.deepEqual(stood.memory, memory ?? null, "what was known before stays known");
    }
  });
}

test("minutes of before it was live say nothing, and nothing more is asked for", () => {
  const young = stoodBy(failed, ok(answerOf(bad)), { liveSecond: now - 130 });
  assert.deepEqual([young.steps.length, young.standing], [2, "unknown"]);
  assert.deepEqual(spanToAsk(failed, { nowSecond: now, liveSecond: now - 130 }), { from: now - 130, until: now });
  assert.deepEqual(spanToAsk(failed, { nowSecond: now, liveSecond: 0 }), { from: now - 420, until: now });
  assert.deepEqual(spanToAsk(failed, { nowSecond: now, liveSecond: now + 5 }), { from: now, until: now });
});

test("logs without errors are zero, as long as logs come at all", () => {
  const logs: MetricTrigger = {
    ...failed,
    metric: { ...failed.metric, source: "logs", query: "new-errors", whenAbsent: "zero" },
  };
  assert.equal(stoodBy(logs, ok({ series: [], completeUntil: now - 5 })).standing, "quiet");
  assert.equal(stoodBy(logs, ok({ series: [], completeUntil: null })).standing, "unknown");
});

test("whatever a source sends, a breach has three minutes of believed points beyond the limit", () => {
  const point = fc.record({
    atSecond: fc.integer({ min: now - 700, max: now + 100 }),
    value: fc.oneof(fc.double(), fc.constant(50)),
  });
  const answer = fc.record({
    series: fc.array(
      fc.record({
        labels: fc.constantFrom({ version: "2.0.0" }, { version: "1.0.0" }, {}),
        unit: fc.constant(""),
        points: fc.array(point, { maxLength: 30 }).map((all) => all.toSorted((a, b) => a.atSecond - b.atSecond)),
      }),
      { maxLength: 3 },
    ),
    completeUntil: fc.option(fc.integer({ min: now - 700, max: now + 100 }), { nil: null }),
  });
  fc.assert(
    fc.property(answer, (sent) => {
      const { standing } = stoodBy(failed, ok(sent));
      const finite = sent.series.flatMap(({ points }) => points.filter(({ value }) => Number.isFinite(value)));
      if (standing === "breached") assert.ok(finite.filter(({ value }) => value > 2).length >= 3);
      if (standing === "quiet") assert.ok(finite.length >= 3);
    }),
  );
});
