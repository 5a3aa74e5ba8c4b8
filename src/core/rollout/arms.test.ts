import assert from "node:assert/strict";
import { test } from "node:test";
import { incrementsOf } from "#core/rollout/arms.ts";
import { createJudge, defaultJudgeSettings } from "#core/rollout/judge.ts";

const fast = { requests: 40, errors: 0, latency: [0, 0, 40] };
const slow = { requests: 40, errors: 0, latency: [0, 0, 0, 0, 0, 0, 0, 0, 40] };
const failing = { requests: 40, errors: 10, latency: [0, 0, 40] };
const silent = { requests: 0, errors: 0, latency: [] };

test("A live control is compared as it is", () => {
  const increments = incrementsOf({ second: 7, control: fast, canary: slow }, [failing], 0);
  assert.deepEqual(increments, { control: fast, canary: slow });
});

test("Without a live control seconds of before stand in for errors, and latency is compared with nothing", () => {
  const increments = incrementsOf({ second: 7, control: silent, canary: slow }, [failing, fast], 3);
  assert.deepEqual(increments, { control: { ...fast, latency: [] }, canary: { ...slow, latency: [] } });
});

for (const [what, canary, outcome] of [
  ["is not convicted by a machine that has become slow", slow, "not-worse"],
  ["is convicted by errors that the control did not have", failing, "worse"],
] as const) {
  test(`A version that has all the traffic ${what}`, () => {
    const judge = createJudge(defaultJudgeSettings);
    let state = judge.initial;
    for (let second = 0; second < 60; second++) {
      const isAlone = second >= 30;
      const pair = { second, control: isAlone ? silent : fast, canary: isAlone ? canary : fast };
      state = judge.observe(state, incrementsOf(pair, isAlone ? [fast] : [], second));
    }
    const verdict = judge.verdict(state);
    if (outcome === "worse") assert.equal(verdict.outcome, "worse");
    else assert.notEqual(verdict.outcome, "worse");
  });
}
