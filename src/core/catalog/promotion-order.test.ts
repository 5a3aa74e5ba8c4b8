import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, property, subarray, tuple } from "fast-check";
import { inPromotionOrder, stagesBefore } from "#core/catalog/promotion-order.ts";
import { anEnvironment } from "#core/testing.ts";

test("environments come in the order of promotion, equals by name", () => {
  const given = [
    anEnvironment({ name: "prod-emea", after: ["staging"] }),
    anEnvironment({ name: "staging", after: ["dev"] }),
    anEnvironment({ name: "prod-amer", after: ["staging"] }),
    anEnvironment({ name: "dev", after: [] }),
  ];
  assert.deepEqual(
    inPromotionOrder(given).map(({ name }) => name),
    ["dev", "staging", "prod-amer", "prod-emea"],
  );
});

test("every environment is there once, even when they stand in a circle or refer to nothing", () => {
  const names = ["a", "b", "c", "d", "e"];
  const arbitrary = tuple(
    ...names.map((name) => subarray([...names, "gone"]).map((after) => anEnvironment({ name, after }))),
  );
  holds(
    property(arbitrary, (given) => {
      const ordered = inPromotionOrder(given).map(({ name }) => name);
      assert.deepEqual(ordered.toSorted(), names);
    }),
  );
});

test("what comes before an environment reaches back along every path, and ends in a circle", () => {
  const known = (...pairs: readonly (readonly [string, readonly string[]])[]) =>
    new Map(pairs.map(([name, after]) => [name, anEnvironment({ name, after })]));
  const stages = known(["prod", ["staging", "load"]], ["staging", ["test"]], ["load", ["test"]], ["test", []]);
  assert.deepEqual(stagesBefore(stages, "prod"), ["test", "load", "staging"]);
  assert.deepEqual(stagesBefore(stages, "test"), []);
  assert.deepEqual(stagesBefore(stages, "nowhere"), []);
  assert.deepEqual(stagesBefore(known(["a", ["b"]], ["b", ["a"]]), "a"), ["b"]);
});
