import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { drawOf, logGenerating, tiltedMean, type Draw } from "#core/canary/conditional-law.ts";
import { noHarm, observeHarm } from "#core/canary/harm.ts";
import { nothingBelowMargin, observeBelowMargin } from "#core/canary/harmless.ts";
import { evidenceOf } from "#core/canary/mixture.ts";

const arms = fc.record({
  control: fc.integer({ min: 1, max: 40 }),
  canary: fc.integer({ min: 1, max: 40 }),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
});

function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product *= (n - k + i) / i;
  return product;
}

function must(draw: Draw | null): Draw {
  assert.ok(draw !== null);
  return draw;
}

function rateDraw(events: number, control: number, canary: number): Draw {
  const canaryEvents = Math.min(events, canary);
  const step = { controlTrials: control, controlEvents: events - canaryEvents, canaryTrials: canary, canaryEvents };
  return must(drawOf(step, "rate"));
}

/** Chances of every possible part of the canary, its odds being `psi` times those of the control. */
function chances(events: number, control: number, canary: number, psi: number): readonly (readonly [number, number])[] {
  const weights: [number, number][] = [];
  for (let k = Math.max(0, events - control); k <= Math.min(events, canary); k++) {
    weights.push([k, choose(canary, k) * choose(control, events - k) * psi ** k]);
  }
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  return weights.map(([k, weight]) => [k, weight / sum]);
}

test("the generating function and the tilted mean agree with a plain sum over all outcomes", () => {
  fc.assert(
    fc.property(arms, fc.double({ min: 0.1, max: 8, noNaN: true }), ({ control, canary, part }, psi) => {
      const events = Math.max(1, Math.round(part * (control + canary)));
      const draw = rateDraw(events, control, canary);
      const mean = chances(events, control, canary, 1).reduce((sum, [k, p]) => sum + p * psi ** k, 0);
      assert.ok(Math.abs(logGenerating(draw, psi) - Math.log(mean)) < 1e-8 * Math.max(1, events));
      const tilted = chances(events, control, canary, psi).reduce((sum, [k, p]) => sum + p * k, 0);
      assert.ok(Math.abs(tiltedMean(draw, psi) - tilted) < 1e-8 * Math.max(1, events));
    }),
  );
});

test("what is held and what is summed anew agree where the one ends and the other begins", () => {
  for (const canary of [30, 500, 20_000]) {
    const [held, summed] = [200, 201].map((events) => logGenerating(rateDraw(events, 3000, canary), 5) / events);
    assert.ok(Math.abs((held ?? 0) - (summed ?? 0)) < 0.005);
  }
});

test("with a hundred thousand events nothing overflows, and rates and counts agree where events are rare", () => {
  const large = rateDraw(100_000, 900_000, 300_000);
  assert.ok(Number.isFinite(logGenerating(large, 5)) && Number.isFinite(tiltedMean(large, 5)));
  const rare = { controlTrials: 3_000_000, controlEvents: 10, canaryTrials: 1_000_000, canaryEvents: 10 };
  const [rate, count] = (["rate", "count"] as const).map((law) => logGenerating(must(drawOf(rare, law)), 3));
  assert.ok(Math.abs((rate ?? 0) - (count ?? 0)) < 1e-4);
});

test("one step of an equal canary leaves the evidence of harm at its expected value of 1, whatever the step", () => {
  fc.assert(
    fc.property(arms, ({ control, canary, part }) => {
      const events = Math.round(part * (control + canary));
      const expected = chances(events, control, canary, 1).reduce((sum, [k, chance]) => {
        const step = { controlTrials: control, controlEvents: events - k, canaryTrials: canary, canaryEvents: k };
        return sum + chance * evidenceOf(observeHarm(noHarm, drawOf(step, "rate")));
      }, 0);
      assert.ok(Math.abs(expected - 1) < 1e-9);
    }),
  );
});

test("a canary within what is tolerated has an expected evidence of 1 at most, and so has a bad one of being harmless", () => {
  fc.assert(
    fc.property(arms, fc.double({ min: 0.3, max: 2, noNaN: true }), ({ control, canary, part }, odds) => {
      const events = Math.round(part * (control + canary));
      let harm = 0;
      let harmless = 0;
      for (const [k, chance] of chances(events, control, canary, odds)) {
        const step = { controlTrials: control, controlEvents: events - k, canaryTrials: canary, canaryEvents: k };
        harm += chance * evidenceOf(observeHarm(noHarm, drawOf(step, "rate"), 2));
        const logs = observeBelowMargin(nothingBelowMargin, drawOf(step, "rate"), 0.2);
        harmless += (chance * logs.reduce((sum, log) => sum + Math.exp(log), 0)) / logs.length;
      }
      assert.ok(harm <= 1 + 1e-9);
      if (odds >= 1.2) assert.ok(harmless <= 1 + 1e-9);
    }),
  );
});
