import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isMsIn } from "#core/calendar/span-set.ts";
import { startsWithoutPlace } from "#core/policy/taken-time.ts";
import { at } from "#core/testing.ts";

function span(from: number, to: number) {
  const zero = at("2026-03-25T00:00Z");
  return { from: zero.add({ milliseconds: from }), to: zero.add({ milliseconds: to }) };
}

const uses = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 10 }))
    .map(([from, length]) => span(from, from + length)),
  { maxLength: 8 },
);

test("a start has no place exactly when at some instant of its run all places are taken", () => {
  fc.assert(
    fc.property(uses, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 8 }), (all, max, runMs) => {
      const set = startsWithoutPlace(all, max, runMs);
      const zero = at("2026-03-25T00:00Z").epochMilliseconds;
      for (let start = -12; start < 50; start++) {
        const instants = Array.from({ length: Math.max(1, runMs) }, (_, offset) => zero + start + offset);
        const isTaken = instants.some((ms) => {
          const going = all.filter(({ from, to }) => from.epochMilliseconds <= ms && ms < to.epochMilliseconds);
          return going.length >= max;
        });
        assert.equal(isMsIn(set, zero + start), isTaken, `start ${start}`);
      }
    }),
  );
});

test("where there is no place at all no start has one", () => {
  assert.ok(isMsIn(startsWithoutPlace([], 0, 0), at("2026-03-25T00:00Z").epochMilliseconds));
});
