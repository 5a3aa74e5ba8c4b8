import assert from "node:assert/strict";
import { test } from "node:test";
import { boundText, byStage, freshText, sparkOf, sparkSize, type CriterionResult } from "./criteria.ts";

const result: CriterionResult = {
  stage: "5 %",
  criterion: "checkout/errors",
  at: "2026-03-25T08:00:00Z",
  outcome: "pass",
  code: "within",
  sentence: "checkout/errors: 0.2 %, at most 1 %.",
  rule: {
    source: "own",
    query: "errors-percent",
    unit: "%",
    worse: "higher",
    limit: 1,
    windowSeconds: 60,
    freshSeconds: 30,
  },
  value: 0.2,
  bounds: [
    { kind: "limit", bound: 1, reference: null, isBreached: false },
    { kind: "control", bound: 0.36, reference: 0.3, isBreached: false },
  ],
  newest: 1_055,
  span: { from: 1_000, until: 1_060 },
  series: [
    {
      labels: { version: "2.0.0" },
      unit: "%",
      points: [
        { atSecond: 1_000, value: 0 },
        { atSecond: 1_030, value: null },
        { atSecond: 1_055, value: 0.4 },
      ],
    },
  ],
  compared: [],
};

test("A criterion says its limits, what they come from, and how fresh it is", () => {
  assert.equal(boundText(result), "at most 1 %, at most 0.36 % (the former version: 0.3 %)");
  assert.equal(freshText(result), "newest point 5 s old, 30 s allowed");
  assert.equal(freshText({ ...result, newest: null }), "the source has sent nothing");
});

test("A sparkline holds series and limits, shows what is no number as a gap, and nothing where none came", () => {
  const spark = sparkOf(result, "2.0.0");
  assert.deepEqual([spark?.own.length, spark?.bounds.length, spark?.dots.length], [2, 2, 2]);
  assert.deepEqual([spark?.least, spark?.most], [0, 1]);
  for (const { x, y } of spark?.dots ?? []) assert.ok(x <= sparkSize.width && y >= 0 && y <= sparkSize.height);
  assert.equal(sparkOf({ ...result, series: [] }, "2.0.0"), null);
});

test("The newest stage stands first", () => {
  const stages = byStage([result, { ...result, stage: "50 %" }]).map(([stage]) => stage);
  assert.deepEqual(stages, ["50 %", "5 %"]);
});

test("of a source that sends both versions each has its own line", () => {
  const [own] = result.series;
  assert.ok(own);
  const both = [own, { ...own, labels: { version: "1.0.0" }, points: [{ atSecond: 1_010, value: 9 }] }];
  const compared = [{ as: "control" as const, span: result.span, series: both, value: 9 }];
  const spark = sparkOf({ ...result, series: both, compared }, "2.0.0");
  assert.equal(spark?.own.length, 2);
  assert.equal(spark?.compared.length, 1);
  assert.equal(spark?.most, 9);
});
