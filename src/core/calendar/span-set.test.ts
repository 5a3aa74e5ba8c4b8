import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  borderAt,
  clip,
  complement,
  difference,
  firstFit,
  instantOf,
  intersection,
  isIn,
  nextOpening,
  previousOpening,
  setOfSpans,
  spansIn,
  totalMs,
  union,
  unionOf,
  type SpanSet,
} from "#core/calendar/span-set.ts";
import type { Span } from "#core/span.ts";

const size = 60;
const span = (from: number, to: number): Span => ({ from: instantOf(from), to: instantOf(to) });
const someSpans = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 1, max: 12 }))
    .map(([from, length]) => span(from, Math.min(size, from + length))),
  { maxLength: 8 },
);

const cells = (spans: readonly Span[]): boolean[] =>
  Array.from({ length: size }, (_, ms) =>
    spans.some(({ from, to }) => from.epochMilliseconds <= ms && ms < to.epochMilliseconds),
  );
const cellsOf = (set: SpanSet): boolean[] => Array.from({ length: size }, (_, ms) => isIn(set, instantOf(ms)));

test("set algebra is what it says for every instant", () => {
  fc.assert(
    fc.property(someSpans, someSpans, (a, b) => {
      const [setA, setB] = [setOfSpans(a), setOfSpans(b)];
      const [inA, inB] = [cells(a), cells(b)];
      assert.deepEqual(cellsOf(setA), inA);
      assert.deepEqual(
        cellsOf(union(setA, setB)),
        inA.map((is, i) => is || inB[i] === true),
      );
      assert.deepEqual(
        cellsOf(unionOf([setA, setB, setA])),
        inA.map((is, i) => is || inB[i] === true),
      );
      assert.deepEqual(
        cellsOf(intersection(setA, setB)),
        inA.map((is, i) => is && inB[i] === true),
      );
      assert.deepEqual(
        cellsOf(difference(setA, setB)),
        inA.map((is, i) => is && inB[i] !== true),
      );
      assert.deepEqual(
        cellsOf(complement(setA, span(0, size))),
        inA.map((is) => !is),
      );
      assert.deepEqual(
        cellsOf(clip(setA, 10, 20)),
        inA.map((is, i) => is && i >= 10 && i < 20),
      );
      assert.equal(totalMs(setA), inA.filter(Boolean).length);
    }),
  );
});

test("borders rise strictly, so spans neither touch nor overlap nor lack length", () => {
  fc.assert(
    fc.property(someSpans, someSpans, (a, b) => {
      for (const set of [union(setOfSpans(a), setOfSpans(b)), difference(setOfSpans(a), setOfSpans(b))]) {
        assert.equal(set.borders.length % 2, 0);
        set.borders.forEach((border, i) => assert.ok(i === 0 || border > (set.borders[i - 1] ?? 0)));
      }
    }),
  );
});

test("the first fit is the earliest instant from which every instant of the length is inside", () => {
  fc.assert(
    fc.property(
      someSpans,
      fc.integer({ min: 0, max: size - 1 }),
      fc.integer({ min: 0, max: 15 }),
      (spans, from, length) => {
        const inside = cells(spans);
        const fits = (start: number): boolean =>
          inside[start] === true && Array.from({ length }, (_, i) => inside[start + i]).every((is) => is === true);
        const expected = Array.from({ length: size - from }, (_, i) => from + i).find(fits) ?? null;
        const found = firstFit(setOfSpans(spans), instantOf(from), length);
        assert.equal(found?.epochMilliseconds ?? null, expected);
      },
    ),
  );
});

test("a span is half-open: its first instant is inside and its last is not", () => {
  const set = setOfSpans([span(10, 20)]);
  assert.deepEqual(
    [9, 10, 19, 20].map((ms) => isIn(set, instantOf(ms))),
    [false, true, true, false],
  );
  assert.deepEqual(
    [9, 10, 20].map((ms) => borderAt(set, ms)),
    [null, "begins", "ends"],
  );
  const justBefore = instantOf(20).subtract({ nanoseconds: 1 });
  assert.ok(isIn(set, justBefore));
});

test("the next opening is the one we are in or the next, the previous began at or before", () => {
  const set = setOfSpans([span(10, 20), span(30, 40)]);
  const starts = (find: typeof nextOpening): (number | null)[] =>
    [5, 10, 20, 35, 40].map((ms) => find(set, instantOf(ms))?.from.epochMilliseconds ?? null);
  assert.deepEqual(starts(nextOpening), [10, 10, 30, 30, null]);
  assert.deepEqual(starts(previousOpening), [null, 10, 10, 30, 30]);
});

test("a fit never starts in the past of the question, down to the nanosecond", () => {
  const set = setOfSpans([span(10, 20)]);
  const from = instantOf(15).add({ nanoseconds: 1 });
  assert.equal(firstFit(set, from, 4), from);
  assert.equal(firstFit(set, from, 5), null);
});

test("spans are given back in order with their instants", () => {
  const spans = [span(30, 40), span(10, 20), span(15, 25)];
  assert.deepEqual(
    spansIn(setOfSpans(spans)).map(({ from, to }) => [from.epochMilliseconds, to.epochMilliseconds]),
    [
      [10, 25],
      [30, 40],
    ],
  );
});
