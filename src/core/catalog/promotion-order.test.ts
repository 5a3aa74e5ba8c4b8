import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, property, subarray, tuple } from "fast-check";
import { inPromotionOrder } from "#core/catalog/promotion-order.ts";
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
