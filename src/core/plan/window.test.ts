import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { longestOpening, windowAt, type Asked } from "#core/plan/window.ts";
import { at } from "#core/testing.ts";

const noon = at("2026-03-25T12:00Z");
const hours = (from: number, to: number) => ({ from: noon.add({ hours: from }), to: noon.add({ hours: to }) });
const asked = (name: string, ...openings: readonly (readonly [number, number])[]): Asked => {
  const isOpen = openings.some(([from, to]) => from <= 0 && to > 0);
  return {
    name,
    verdict: {
      decision: isOpen ? "allow" : "wait",
      openings: openings.map(([from, to]) => hours(from, to)),
      findings: [
        { outcome: "pass", sentence: "It is known." },
        ...(isOpen ? [] : [{ outcome: "wait", sentence: "It is closed." } as const]),
      ],
    },
  };
};

test("One that is allowed is open until its opening ends", () => {
  assert.deepEqual(windowAt([asked("a", [0, 4])], 3600, noon), { isOpen: true, until: noon.add({ hours: 4 }) });
});

test("What closes before the rest of the run could be over waits for an opening that is long enough", () => {
  const standing = windowAt([asked("a", [0, 1], [24, 25], [48, 56])], 2 * 3600, noon);
  assert.ok(!standing.isOpen);
  assert.equal(standing.from?.toString(), noon.add({ hours: 48 }).toString());
  assert.match(standing.because[0] ?? "", /needs 7200 s; it closes at /);
});

test("Several wait for the opening that they have in common, and each says what is in its way", () => {
  const standing = windowAt([asked("a", [5, 10]), asked("b", [8, 20])], 3600, noon);
  assert.deepEqual(standing, {
    isOpen: false,
    from: noon.add({ hours: 8 }),
    because: ["a: It is closed.", "b: It is closed."],
  });
  const never = windowAt([asked("a", [5, 6]), asked("b", [7, 8])], 3600, noon);
  assert.equal(!never.isOpen && never.from, null);
});

test("The longest opening is one that all have in common", () => {
  assert.equal(longestOpening([asked("a", [0, 4], [10, 20]), asked("b", [2, 12])]), 2 * 3600);
  assert.equal(longestOpening([asked("a", [5, 6]), asked("b", [7, 8])]), null);
  assert.equal(longestOpening([]), null);
});

test("Nothing that is asked about is nothing that is allowed", () => {
  assert.equal(windowAt([], 0, noon).isOpen, false);
});

test("It is open exactly when every one by itself is allowed for the whole time that is needed", () => {
  const opening = fc.tuple(fc.integer({ min: -3, max: 6 }), fc.integer({ min: 1, max: 8 }));
  fc.assert(
    fc.property(fc.array(opening, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 6 }), (spans, need) => {
      const all = spans.map(([from, length], index) => asked(`s${index}`, [from, from + length]));
      const isOpen = spans.every(([from, length]) => from <= 0 && from + length >= need && from + length > 0);
      assert.equal(windowAt(all, need * 3600, noon).isOpen, isOpen);
    }),
  );
});
