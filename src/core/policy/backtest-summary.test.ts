import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as assertProperty, boolean, constantFrom, integer, option, property, record } from "fast-check";
import { changeKinds } from "#core/policy/backtest.ts";
import { type CountedChange, summarise } from "#core/policy/backtest-summary.ts";

const day = 86_400;
const aChange = (overrides: Partial<CountedChange> = {}): CountedChange => ({
  kind: "newly-blocked",
  because: [{ rule: "approved-by-another", code: "missing" }],
  delaySeconds: null,
  failed: false,
  fix: false,
  ...overrides,
});

test("31 of 240 more to a rule, 6 of them had failed, +0.4 d lead time", () => {
  const changes = Array.from({ length: 31 }, (_, index) => aChange({ failed: index < 6, delaySeconds: 3.1 * day }));
  assert.deepEqual(summarise(changes, 240).sentences, [
    "31 of 240 more would not have been allowed, 6 of them had failed.",
    "31 of 240 more to approved-by-another (missing), 6 of them had failed.",
    "+0.4 d lead time on average.",
    "31 would have opened later: half of them by 3.1 d or less, at most by 3.1 d.",
  ]);
});

test("what had no opening in sight is said, and fixes are", () => {
  const { sentences, delay } = summarise([aChange({ fix: true })], 10);
  assert.deepEqual(delay, { count: 0, p50Seconds: null, maxSeconds: null, meanSeconds: 0, withoutOpening: 1 });
  assert.deepEqual(sentences, [
    "1 of 10 more would not have been allowed, 1 of them was a fix.",
    "1 of 10 more to approved-by-another (missing), 1 of them was a fix.",
    "1 would have had no opening in sight.",
  ]);
});

test("nothing to try and nothing different are said as such", () => {
  assert.match(summarise([], 0).sentences.join(), /no recorded deployment/);
  assert.deepEqual(summarise([], 7).sentences, ["None of 7 would have been different."]);
});

test("the median and the greatest delay are those of the later ones; earlier ones lower the mean", () => {
  const delays = [-2, 1, 2, 9].map((days) => aChange({ kind: "delayed", delaySeconds: days * day }));
  const { delay } = summarise(delays, 10);
  assert.deepEqual([delay.count, delay.p50Seconds, delay.maxSeconds, delay.meanSeconds], [3, 2 * day, 9 * day, day]);
});

test("every change is counted once by its kind, and failures and fixes are among them", () => {
  const change = record<CountedChange>({
    kind: constantFrom(...changeKinds),
    because: array(record({ rule: constantFrom("a", "b"), code: constantFrom("c", "d") }), { maxLength: 3 }),
    delaySeconds: option(integer({ min: -day, max: day })),
    failed: boolean(),
    fix: boolean(),
  });
  assertProperty(
    property(array(change), integer({ min: 0, max: 50 }), (changes, unchanged) => {
      const { byKind, same, deployments, byRule } = summarise(changes, changes.length + unchanged);
      const counted = changeKinds.reduce((sum, kind) => sum + byKind[kind].count, 0);
      return (
        counted + same === deployments &&
        changeKinds.every(
          (kind) => byKind[kind].failed <= byKind[kind].count && byKind[kind].fixes <= byKind[kind].count,
        ) &&
        byRule.every(({ count }) => count <= changes.length)
      );
    }),
  );
});
