import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { fitWaves, type FitQuestion, type WaveTarget } from "./wave-fit.ts";

const hour = 3_600_000;
const target = (
  environment: string,
  lengthMs: number,
  ...openings: readonly (readonly [number, number])[]
): WaveTarget => ({
  environment,
  lengthMs,
  openings: openings.map(([from, to]) => ({ fromMs: from * hour, toMs: to * hour })),
});

test("a wave begins when the one before has soaked, each target inside its own opening", () => {
  const answer = fitWaves({
    waves: [[target("a", hour, [0, 10])], [target("b", hour, [0, 10]), target("c", hour, [4, 6])]],
    soakMs: hour,
    notBeforeMs: 0,
    mixLimitMs: null,
  });
  assert.ok(answer.kind === "fits");
  assert.deepEqual(
    answer.fit.waves.flat().map(({ environment, startMs }) => `${environment} ${startMs / hour}`),
    ["a 0", "b 2", "c 4"],
  );
  assert.equal(answer.fit.mixMs, 5 * hour);
});

test("where it would wait for a later opening it begins later, so that old and new run beside each other for less", () => {
  const waves = [[target("emea", hour, [0, 20])], [target("apac", hour, [30, 40])]];
  const answer = fitWaves({ waves, soakMs: hour, notBeforeMs: 0, mixLimitMs: 12 * hour });
  assert.ok(answer.kind === "fits");
  assert.deepEqual(
    answer.fit.waves.flat().map(({ startMs }) => startMs / hour),
    [19, 30],
  );
});

test("openings that lie too far from each other are refused with the shortest mix there is", () => {
  const waves = [[target("emea", hour, [0, 2])], [target("apac", hour, [32, 40])]];
  const answer = fitWaves({ waves, soakMs: hour, notBeforeMs: 0, mixLimitMs: 24 * hour });
  assert.ok(answer.kind === "mixed-too-long");
  assert.equal(answer.fit.mixMs, 32 * hour);
});

test("a target without an opening behind the others is named", () => {
  const waves = [[target("a", hour, [8, 10])], [target("b", hour, [0, 9])]];
  assert.deepEqual(fitWaves({ waves, soakMs: 0, notBeforeMs: 0, mixLimitMs: null }), {
    kind: "no-opening",
    environment: "b",
  });
});

/** Tries every begin of the first wave, minute by minute: forward from there as early as everything can go. */
function bruteForce({ waves, soakMs, notBeforeMs, mixLimitMs }: FitQuestion): { readonly endMs: number } | null {
  const last = Math.max(...waves.flat().flatMap(({ openings }) => openings.map(({ toMs }) => toMs)));
  let best: { readonly endMs: number } | null = null;
  for (let begin = notBeforeMs; begin <= last; begin++) {
    let at = begin;
    let first = Number.POSITIVE_INFINITY;
    let isPossible = true;
    for (const wave of waves) {
      let end = at;
      for (const { openings, lengthMs } of wave) {
        const starts = openings.map(({ fromMs, toMs }) => ({ start: Math.max(fromMs, at), toMs }));
        const found = starts.find(({ start, toMs }) => start + lengthMs <= toMs);
        if (found === undefined) isPossible = false;
        else {
          first = Math.min(first, found.start);
          end = Math.max(end, found.start + lengthMs);
        }
      }
      at = end + soakMs;
    }
    const endMs = at - soakMs;
    if (!isPossible || (mixLimitMs !== null && endMs - first > mixLimitMs)) continue;
    if (best === null || endMs < best.endMs) best = { endMs };
  }
  return best;
}

const openings = fc
  .uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 2, maxLength: 8 })
  .map((borders) => borders.toSorted((a, b) => a - b))
  .map((borders) =>
    borders.flatMap((fromMs, place) => {
      const toMs = borders[place + 1];
      return place % 2 === 0 && toMs !== undefined ? [{ fromMs, toMs }] : [];
    }),
  );
const anyTarget = fc.record({
  environment: fc.constantFrom("a", "b", "c"),
  lengthMs: fc.integer({ min: 1, max: 6 }),
  openings,
});
const question: fc.Arbitrary<FitQuestion> = fc.record({
  waves: fc.array(fc.array(anyTarget, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
  soakMs: fc.integer({ min: 0, max: 5 }),
  notBeforeMs: fc.integer({ min: 0, max: 20 }),
  mixLimitMs: fc.option(fc.integer({ min: 1, max: 40 })),
});

test("no begin that somebody could choose gives an earlier end within the limit", () => {
  fc.assert(
    fc.property(question, (asked) => {
      const answer = fitWaves(asked);
      const best = bruteForce(asked);
      if (answer.kind !== "fits") {
        assert.equal(best, null);
        return;
      }
      const ends = answer.fit.waves.flat().map(({ endMs }) => endMs);
      assert.equal(Math.max(...ends), best?.endMs);
      assert.ok(asked.mixLimitMs === null || answer.fit.mixMs <= asked.mixLimitMs);
    }),
    { numRuns: 5_000 },
  );
});
