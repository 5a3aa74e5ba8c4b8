import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { criteriaFor, filledQuery, formerSpans, type Criterion } from "#core/criteria/criterion.ts";
import type { Measured } from "#core/criteria/believe.ts";
import {
  joinJudgements,
  judgeCriterion,
  type CriterionJudgement,
  type CriterionSeen,
} from "#core/criteria/judge-criterion.ts";
import type { MetricAnswer, MetricPoint } from "#core/criteria/series.ts";
import { err, ok } from "#core/result.ts";

const span = { from: 1_000, until: 1_300 };
const version = "2.0.0";

const errors: Criterion = {
  name: "errors",
  source: "prometheus",
  query: 'rate(errors{version="{version}"}[1m])',
  unit: "%",
  aggregate: "mean",
  worse: "higher",
  limit: 1,
  against: [],
  windowSeconds: 300,
  freshSeconds: 60,
  minPoints: 3,
  minObservations: 50,
  whenAbsent: "unknown",
  onBreach: "fail",
};
const volume: Criterion = {
  ...errors,
  name: "orders",
  query: "sum(rate(orders[1m]))",
  unit: "orders/s",
  worse: "lower",
  limit: null,
  against: [{ kind: "former-weeks", percent: 90, weeks: 4, minWeeks: 2 }],
};

function every(seconds: number, value: number | ((at: number) => number), until = span.until): readonly MetricPoint[] {
  return Array.from({ length: Math.ceil((until - span.from) / seconds) }, (_, index) => {
    const atSecond = span.from + index * seconds;
    return { atSecond, value: typeof value === "number" ? value : value(atSecond) };
  });
}

function answerOf(
  points: readonly MetricPoint[],
  labels: Readonly<Record<string, string>> = { version },
): MetricAnswer {
  return { series: [{ labels, unit: "", points }], completeUntil: null };
}

function seen(answer: MetricAnswer | Measured, more: Partial<CriterionSeen> = {}): CriterionSeen {
  const measured = "ok" in answer ? answer : ok(answer);
  return { span, version, answer: measured, control: null, former: [], memory: null, ...more };
}

/** Former weeks whose mean is each of the values, as their points lie. */
function weeksOf(...values: readonly (number | null)[]): CriterionSeen["former"] {
  return values.map((value, index) => {
    const shift = (index + 1) * 7 * 24 * 3600;
    const then = { from: span.from - shift, until: span.until - shift };
    if (value === null) return { span: then, answer: err({ sentence: "it was away" }) };
    const points = every(15, value).map((point) => ({ ...point, atSecond: point.atSecond - shift }));
    return { span: then, answer: ok(answerOf(points, {})) };
  });
}

function codes({ outcome, code }: CriterionJudgement): string {
  return `${outcome}: ${code}`;
}

test("No errors, but 70 % of the volume of the same time of former weeks where 90 are asked for, is a fail", () => {
  const healthy = judgeCriterion(errors, seen(answerOf(every(15, 0))));
  const short = judgeCriterion(volume, seen(answerOf(every(15, 70), {}), { former: weeksOf(100, 98, 102, 100) }));
  assert.deepEqual([codes(healthy), codes(short)], ["pass: within", "fail: breach"]);
  assert.equal(
    short.sentence,
    "orders: 70 orders/s, where it must be at least 90 orders/s, 90 % of the 100 orders/s that former weeks had at this time.",
  );
  assert.equal(joinJudgements([healthy, short]), "fail");
});

test("The median of former weeks stands against one strange week, and weeks that are away count for nothing", () => {
  const at = (value: number, ...weeks: readonly (number | null)[]): string =>
    codes(judgeCriterion(volume, seen(answerOf(every(15, value), {}), { former: weeksOf(...weeks) })));
  assert.equal(at(95, 100, 0, 100, 100), "pass: within");
  assert.equal(at(70, 100, 0, 100, 100), "fail: breach");
  assert.equal(at(95, 100, null, null, 100), "pass: within");
  assert.equal(at(95, null, null, null, 100), "inconclusive: no-baseline");
});

test("A source that is silent for five minutes is inconclusive, not a pass", () => {
  const old = judgeCriterion(errors, seen(answerOf(every(15, 0, 1_010))));
  assert.equal(old.sentence, "errors is inconclusive: the newest point is 300 s old, where 60 s are allowed.");
  assert.equal(codes(old), "inconclusive: silent");
});

test("A burst of a new class of errors beside green metrics is flagged, with the class in the answer", () => {
  const logs: Criterion = {
    ...errors,
    name: "new-errors",
    source: "logs",
    query: "new-errors",
    unit: "lines/s",
    limit: 0.1,
    whenAbsent: "zero",
    onBreach: "flag",
  };
  const burst = every(5, (at) => (at > 1_200 && at < 1_260 ? 4 : 0));
  const series = [
    { labels: { version, class: "TimeoutError: ledger # *" }, unit: "lines/s", points: burst },
    { labels: { version, class: "rare" }, unit: "lines/s", points: every(5, 0.001) },
  ];
  const flagged = judgeCriterion(logs, seen({ series, completeUntil: 1_299 }));
  assert.equal(codes(flagged), "flagged: breach");
  assert.match(flagged.sentence, /TimeoutError: ledger/);
  const green = judgeCriterion(errors, seen(answerOf(every(15, 0.1))));
  assert.equal(joinJudgements([green, flagged]), "flagged");
  assert.equal(codes(judgeCriterion(logs, seen({ series: [], completeUntil: 1_299 }))), "pass: within");
  assert.equal(codes(judgeCriterion(logs, seen({ series: [], completeUntil: 900 }))), "inconclusive: silent");
  assert.equal(codes(judgeCriterion(logs, seen({ series: [], completeUntil: null }))), "inconclusive: no-series");
});

const good = every(15, 0.2);
for (const [title, answer, code] of [
  ["that hangs", err({ sentence: "metrics.example did not answer within 5 s" }), "no-answer"],
  ["that sends NaN", answerOf([...good.slice(0, 5), { atSecond: 1_075, value: Number.NaN }]), "not-a-number"],
  ["that sends infinity", answerOf([{ atSecond: 1_000, value: Number.POSITIVE_INFINITY }]), "not-a-number"],
  ["whose clock jumps back", answerOf([...good, { atSecond: 1_100, value: 0 }]), "out-of-order"],
  ["with two values for one second", answerOf([...good, good.at(-1) ?? { atSecond: 0, value: 0 }]), "duplicate-point"],
  ["from the future", answerOf([...good, { atSecond: 1_900, value: 0 }]), "from-the-future"],
  ["of another version", answerOf(good, { version: "1.0.0" }), "no-series"],
  [
    "with several series",
    { series: [...answerOf(good).series, ...answerOf(good, {}).series], completeUntil: null },
    "several-series",
  ],
  ["without end", answerOf(every(0.02, 0)), "too-much"],
  [
    "with two points",
    answerOf([
      { atSecond: 1_280, value: 0 },
      { atSecond: 1_290, value: 0 },
    ]),
    "too-few-points",
  ],
  ["with nothing", { series: [], completeUntil: null }, "no-series"],
] satisfies (readonly [string, MetricAnswer | Measured, string])[]) {
  test(`A source ${title} passes nothing: ${code}`, () => {
    const judged = judgeCriterion(errors, seen(answer));
    assert.equal(codes(judged), `inconclusive: ${code}`);
    assert.match(judged.sentence, /^errors is inconclusive: .+\.$/);
  });
}

test("A source that knows less than before, or changes its labels, is inconclusive", () => {
  const first = judgeCriterion(errors, seen(answerOf(good, { version, job: "api" })));
  assert.equal(codes(first), "pass: within");
  const { memory } = first;
  const labels = judgeCriterion(errors, seen(answerOf(good, { version, pod: "x" }), { memory }));
  assert.equal(codes(labels), "inconclusive: labels-changed");
  const back = judgeCriterion(errors, seen(answerOf(every(15, 0, 1_270), { version, job: "api" }), { memory }));
  assert.equal(codes(back), "inconclusive: went-back");
});

test("A breach counts as soon as there are points enough, a pass only over the whole window", () => {
  const young = { span: { from: 1_250, until: 1_300 } };
  const points = (value: number): MetricAnswer => answerOf(every(5, value).filter(({ atSecond }) => atSecond >= 1_250));
  assert.equal(codes(judgeCriterion(errors, seen(points(5), young))), "fail: breach");
  assert.equal(codes(judgeCriterion(errors, seen(points(0), young))), "inconclusive: window-not-full");
});

test("Shares are weighed by their requests, and too few of them prove nothing", () => {
  const weighed = (weight: number): MetricAnswer =>
    answerOf(
      every(15, 0).map((point, index) => ({
        ...point,
        value: index === 0 ? 100 : 0,
        weight: index === 0 ? 1 : weight,
      })),
    );
  assert.equal(codes(judgeCriterion(errors, seen(weighed(200)))), "pass: within");
  assert.equal(codes(judgeCriterion(errors, seen(weighed(1)))), "inconclusive: too-few-observations");
});

test("A criterion against the former version takes its series at the same time", () => {
  const latency: Criterion = { ...errors, unit: "ms", limit: null, against: [{ kind: "control", percent: 120 }] };
  const control = (value: number): CriterionSeen["control"] => ({
    version: "1.0.0",
    answer: ok(answerOf(every(15, value), { version: "1.0.0" })),
  });
  const at = (value: number, beside: CriterionSeen["control"]): string =>
    codes(judgeCriterion(latency, seen(answerOf(every(15, value)), { control: beside })));
  assert.deepEqual(
    [at(115, control(100)), at(125, control(100)), at(125, null)],
    ["pass: within", "fail: breach", "inconclusive: no-baseline"],
  );
});

test("Former weeks keep the time of day across a change to summer time, and an hour that is skipped falls behind it", () => {
  const second = (text: string): number => Temporal.Instant.from(text).epochMilliseconds / 1000;
  const monday = second("2026-03-30T07:00:00Z");
  const [before] = formerSpans({ from: monday - 300, until: monday }, 1, "Europe/Berlin");
  assert.equal(before?.until, second("2026-03-23T08:00:00Z"));
  assert.equal((before?.until ?? 0) - (before?.from ?? 0), 300);
});

test("Values of a query cannot leave their quotes", () => {
  const subject = { service: 'a"} or b{x="', environment: "prod", version: String.raw`1\0` };
  assert.equal(filledQuery('m{s="{service}",v="{version}"}', subject), String.raw`m{s="a\"} or b{x=\"",v="1\\0"}`);
});

test("Criteria of all matching documents count, none replaces another", () => {
  const document = (name: string, scope: object) => ({ name, scope, checks: ["order"], criteria: [errors] });
  const subject = {
    environment: "prod",
    region: null,
    service: "shop",
    team: "web",
    unit: "retail",
    tier: 1,
    tags: [],
    dataClasses: [],
    class: "normal",
    action: "deploy",
    invoker: "person",
  } as const;
  const { checks, criteria } = criteriaFor(
    [document("b", {}), document("a", { services: ["sh*"] }), document("c", { services: ["other"] })],
    subject,
  );
  assert.deepEqual([checks, criteria.map(({ name }) => name)], [["order"], ["a/errors", "b/errors"]]);
});

const anyPoint = fc.record({
  atSecond: fc.oneof(fc.integer({ min: 900, max: 1_500 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
  value: fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY)),
});

test("Whatever a source sends, a pass has a whole window of fresh points within the limit", () => {
  const anyAnswer = fc.record({
    series: fc.array(
      fc.record({
        labels: fc.dictionary(fc.constantFrom("version", "job"), fc.constantFrom("1.0.0", version), {
          noNullPrototype: true,
        }),
        unit: fc.constant("%"),
        points: fc.oneof(fc.array(anyPoint, { maxLength: 30 }), fc.constant(good)),
      }),
      { maxLength: 3 },
    ),
    completeUntil: fc.option(fc.integer({ min: 900, max: 1_400 })),
  });
  fc.assert(
    fc.property(anyAnswer, (answer) => {
      const judged = judgeCriterion(errors, seen(answer));
      if (judged.outcome !== "pass") return;
      assert.ok(judged.value !== null && judged.value <= 1);
      assert.ok(judged.newest !== null && span.until - judged.newest <= errors.freshSeconds);
      assert.equal(judged.bounds.length, 1);
    }),
  );
});
