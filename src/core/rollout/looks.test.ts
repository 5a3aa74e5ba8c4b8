import assert from "node:assert/strict";
import { test } from "node:test";
import { createJudge, defaultJudgeSettings, type Increments, type JudgeState } from "#core/rollout/judge.ts";
import { lookOf, observePicture, pictureFrames, startPicture, type CanaryLook } from "#core/rollout/looks.ts";

const judge = createJudge(defaultJudgeSettings);

/** What is kept of a run in which each second looks like this one. */
function looksAt(seconds: number, of: Increments): readonly CanaryLook[] {
  let state: JudgeState = judge.initial;
  let picture = startPicture(defaultJudgeSettings);
  return Array.from({ length: seconds }, (_, second) => {
    const next = judge.observe(state, of);
    picture = observePicture(picture, state, next);
    state = next;
    return lookOf(second, judge.verdict(state), picture, defaultJudgeSettings.alpha);
  });
}

function secondOf(controlErrors: number, canaryErrors: number, slowCanary = 0): Increments {
  return {
    control: { requests: 100, errors: controlErrors, latency: [95, 5, 0, 0] },
    canary: { requests: 50, errors: canaryErrors, latency: [48 - slowCanary, 2, 0, slowCanary] },
  };
}

test("the picture is unbounded before anything was seen, and closes in", () => {
  const looks = looksAt(120, secondOf(2, 1));
  const [first] = looks;
  assert.equal(first?.metrics[0]?.lower, 0);
  const widths = [30, 60, 119].map((at) => {
    const { lower = 0, upper = null } = looks[at]?.metrics[0] ?? {};
    return (upper ?? Infinity) - lower;
  });
  assert.deepEqual(
    widths,
    widths.toSorted((a, b) => b - a),
  );
  const last = looks.at(-1)?.metrics[0];
  assert.ok(last !== undefined && last.lower < 1 && last.estimate !== null && Math.abs(last.estimate - 1) < 0.15);
});

test("what is kept is what the judge said: the same outcome and the same evidence", () => {
  for (const harm of [1, 6]) {
    const looks = looksAt(60, secondOf(2, harm));
    let state = judge.initial;
    for (const look of looks) {
      state = judge.observe(state, secondOf(2, harm));
      const { outcome, metrics, furtherRequests } = judge.verdict(state);
      assert.equal(look.outcome, outcome);
      assert.equal(look.furtherRequests, furtherRequests);
      assert.deepEqual(
        look.metrics.map((one) => Math.min(1e12, one.evidence)),
        metrics.map((one) => Math.min(1e12, one.evidence)),
      );
    }
  }
});

test("a canary that is worse is seen above what is tolerated, in the metric that it is worse in", () => {
  const errors = looksAt(60, secondOf(2, 6)).at(-1);
  assert.equal(errors?.outcome, "worse");
  assert.ok((errors.metrics[0]?.lower ?? 0) > 1);
  const latency = looksAt(60, secondOf(2, 1, 20)).at(-1);
  assert.equal(latency?.metrics[1]?.outcome, "worse");
  assert.ok((latency.metrics[1]?.lower ?? 0) > 2, "twice as many slow requests are tolerated");
  assert.equal(latency.metrics[0]?.outcome, "not-enough");
});

test("the lines of a picture are the judge's: what is tolerated, and the margin", () => {
  assert.deepEqual(pictureFrames(defaultJudgeSettings), [
    { metric: "errors", tolerated: 1, bound: 1.5 },
    { metric: "latency", tolerated: 2, bound: 1.5 },
  ]);
});
