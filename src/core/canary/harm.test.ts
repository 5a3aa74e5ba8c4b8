import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { trialsToClear, trialsToFindHarm, trialsToProveLow } from "#core/canary/forecast.ts";
import { drawOf } from "#core/canary/conditional-law.ts";
import { noHarm, observeHarm } from "#core/canary/harm.ts";
import { evidenceBelow } from "#core/canary/harmless.ts";
import { advance, evidenceOf, startMixture, type Mixture } from "#core/canary/mixture.ts";
import { emptyStep, faultOf, type Step } from "#core/canary/step.ts";

const steps = fc.array(
  fc
    .record({ control: fc.nat(30), canary: fc.nat(30), bad: fc.nat(10), worse: fc.nat(10) })
    .map(({ control, canary, bad, worse }): Step => ({
      controlTrials: control,
      controlEvents: Math.min(bad, control),
      canaryTrials: canary,
      canaryEvents: Math.min(worse, canary),
    })),
  { maxLength: 60 },
);

function evidenceAfter(seen: readonly Step[]): number {
  return evidenceOf(seen.reduce<Mixture>((harm, step) => observeHarm(harm, drawOf(step, "rate")), noHarm));
}

test("one more error of the canary among the errors of a step never lowers the evidence of harm", () => {
  fc.assert(
    fc.property(steps, fc.nat(59), (seen, at) => {
      const worse = seen.map((step, index) =>
        index === at && step.controlEvents > 0 && step.canaryEvents < step.canaryTrials
          ? { ...step, controlEvents: step.controlEvents - 1, canaryEvents: step.canaryEvents + 1 }
          : step,
      );
      assert.ok(evidenceAfter(worse) >= evidenceAfter(seen) * (1 - 1e-12));
    }),
  );
});

test("equal steps give the same evidence to the last bit, and the state does not grow", () => {
  fc.assert(
    fc.property(steps, (seen) => {
      assert.equal(evidenceAfter(seen), evidenceAfter(structuredClone(seen)));
      const state = seen.reduce<Mixture>((harm, step) => observeHarm(harm, drawOf(step, "rate")), noHarm);
      assert.equal(state.started.length, noHarm.started.length);
    }),
  );
});

test("time without events is no evidence: after an hour of silence it is 1 in all", () => {
  let harm = noHarm;
  for (let second = 0; second < 3600; second++) harm = observeHarm(harm, drawOf(emptyStep, "rate"));
  assert.ok(Math.abs(evidenceOf(harm) - 1) < 1e-9);
});

test("the evidence of thousands of events stays finite", () => {
  let mixture = startMixture(2);
  for (let step = 0; step < 5000; step++) mixture = advance(mixture, [2, 0.5]);
  assert.ok(Number.isFinite(evidenceOf(mixture)) && evidenceOf(mixture) > 1e50);
});

for (const [title, step, fault] of [
  ["NaN", { ...emptyStep, canaryTrials: Number.NaN }, "a value is not a number"],
  ["infinite", { ...emptyStep, canaryTrials: Number.POSITIVE_INFINITY }, "a value is not a number"],
  [
    "a counter that was reset",
    { ...emptyStep, controlTrials: -5 },
    "a value is below zero; increments are expected, not sums of a counter",
  ],
  ["half an error", { ...emptyStep, canaryTrials: 3, canaryEvents: 0.5 }, "events are not whole numbers"],
  ["more errors than requests", { ...emptyStep, canaryTrials: 3, canaryEvents: 4 }, "more events than requests"],
  ["nothing", emptyStep, null],
] as const) {
  test(`a step with ${title} is ${fault === null ? "fine" : "refused"}`, () =>
    assert.equal(faultOf(step, "rate"), fault));
}

test("a count may have more events than exposure, but none without any", () => {
  assert.equal(faultOf({ ...emptyStep, canaryTrials: 0.5, canaryEvents: 4 }, "count"), null);
  assert.equal(faultOf({ ...emptyStep, canaryEvents: 4 }, "count"), "events without any exposure");
});

test("less traffic, a smaller effect and a smaller alpha all take longer, and without events nobody can tell", () => {
  const pace = { share: 0.2, eventsPerTrial: 0.05 };
  const find = (over: Partial<typeof pace>, effect: number, needed: number): number =>
    trialsToFindHarm({ ...pace, ...over }, effect, 1, needed) ?? Number.POSITIVE_INFINITY;
  assert.ok(find({}, 2, 100) < find({ eventsPerTrial: 0.01 }, 2, 100));
  assert.ok(find({}, 2, 100) < find({}, 1.5, 100));
  assert.ok(find({}, 2, 100) < find({}, 2, 1000));
  assert.equal(trialsToFindHarm({ ...pace, eventsPerTrial: 0 }, 2, 1, 100), null);
  assert.equal(trialsToClear({ ...pace, eventsPerTrial: 0 }, 0.5, 1, 100), null);
});

test("the forecast of a low rate holds when nothing changes", () => {
  const further = trialsToProveLow(0.01, 500, 1, 100);
  assert.ok(further !== null);
  assert.ok(evidenceBelow(0.01, 500 + further, 1 + further / 500) >= 100);
  assert.equal(trialsToProveLow(0.01, 500, 50, 100), null);
});
