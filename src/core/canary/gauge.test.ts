import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { gaugeBelow, gaugeHarm, noGauge, observeGauge, type GaugeState } from "#core/canary/gauge.ts";
import { leanOf, type Pair } from "#core/canary/local-rank.ts";

const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
const pair: fc.Arbitrary<Pair> = fc.record({ control: value, canary: value });
const pairs = fc.array(pair, { maxLength: 30 });

const exchanged = ({ control, canary }: Pair): Pair => ({ control: canary, canary: control });

test("exchanging the arms of a pair turns its rank round, which lies between -1 and 1", () => {
  fc.assert(
    fc.property(pair, pairs, (own, around) => {
      const lean = leanOf(own, around);
      assert.equal(leanOf(exchanged(own), around) + lean, 0);
      assert.ok(Math.abs(lean) <= 1);
    }),
  );
});

test("whatever came before, the next pair of equal arms leaves the evidence where it is, on average", () => {
  fc.assert(
    fc.property(pairs, pair, (before, next) => {
      const state = before.reduce<GaugeState>((seen, own) => observeGauge(seen, own, 0.5), noGauge);
      const after = (own: Pair): number => gaugeHarm(observeGauge(state, own, 0.5));
      const now = gaugeHarm(state);
      assert.ok(Math.abs((after(next) + after(exchanged(next))) / 2 - now) < 1e-9 * now);
    }),
  );
});

test("a load that is half as high again is harm, one that wavers with the control's is proven harmless", () => {
  let worse = noGauge;
  let equal = noGauge;
  for (let look = 0; look < 60; look++) {
    const control = 100 + 30 * Math.sin(look / 8);
    worse = observeGauge(worse, { control, canary: control * (1.5 + 0.1 * Math.sin(look * 3)) }, 0.25);
    equal = observeGauge(equal, { control, canary: control * (1 + 0.05 * Math.sin(look * 3)) }, 0.25);
  }
  assert.ok(gaugeHarm(worse) > 100 && gaugeBelow(worse) < 1);
  assert.ok(gaugeHarm(equal) < 100 && gaugeBelow(equal) > 100);
  assert.equal(worse.recent.length, 6);
});
