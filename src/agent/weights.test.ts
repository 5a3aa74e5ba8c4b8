import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { takeTurns, wholeWeights } from "#agent/weights.ts";

function share(percents: Readonly<Record<string, number>>, picks: number): Readonly<Record<string, number>> {
  const turns = takeTurns(Object.entries(percents).map(([route, percent]) => ({ route, percent })));
  const counts: Record<string, number> = {};
  for (let nth = 0; nth < picks; nth += 1) {
    const route = turns.next();
    if (route !== null) counts[route] = (counts[route] ?? 0) + 1;
  }
  return counts;
}

for (const [percent, picks, expected] of [
  [5, 10_000, 500],
  [0.1, 10_000, 10],
  [33.3, 10_000, 3330],
  [50, 10_001, 5001],
] as const) {
  test(`${percent} % of ${picks} picks are ${expected}, give or take one`, () => {
    const found = share({ canary: percent, control: 100 - percent }, picks)["canary"] ?? 0;
    assert.ok(Math.abs(found - expected) <= 1, `${found}`);
  });
}

test("A share of 0 is never picked, and no route at all gives nothing", () => {
  assert.deepEqual(share({ canary: 0, control: 100 }, 1000), { control: 1000 });
  assert.equal(takeTurns([]).next(), null);
});

test("At any moment a route is within one pick of its exact share, for any two shares", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 3000 }), (perMille, picks) => {
      const found = share({ canary: perMille / 10, control: 100 - perMille / 10 }, picks)["canary"] ?? 0;
      assert.ok(Math.abs(found - (picks * perMille) / 1000) <= 1);
    }),
  );
});

test("Whole weights up to 256 meet every share from 0.4 to 99.6 % to a twentieth of a point, whole per cents exactly", () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 99_600 }), (thousandths) => {
      const percent = thousandths / 1000;
      const [a = 0, b = 0] = wholeWeights([percent, 100 - percent], 256, 0.05) ?? [];
      const miss = Math.abs((100 * a) / (a + b) - percent);
      assert.ok(miss <= (thousandths % 1000 === 0 ? 1e-9 : 0.05), `${a} to ${b} misses by ${miss}`);
    }),
  );
});

test("Whole weights are the smallest that do, and none where a share would vanish", () => {
  assert.deepEqual(wholeWeights([5, 20, 75], 256, 0.05), [1, 4, 15]);
  assert.deepEqual(wholeWeights([0, 100], 256, 0.05), [0, 1]);
  assert.deepEqual(wholeWeights([0, 0], 256, 0.05), [0, 0]);
  assert.equal(wholeWeights([0.1, 99.9], 256, 0.05), null);
});
