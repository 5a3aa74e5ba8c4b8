import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { toldText } from "#core/policy/correction.ts";
import { evaluate, glance } from "#core/policy/evaluate.ts";
import { rules } from "#core/policy/registry.ts";
import { fakeHash } from "#core/testing.ts";
import { configurations } from "./configuration.ts";

const options = { hash: fakeHash, zoneData: "2026c" };

test("a glance tells what the verdict would tell people", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(configurations, ({ facts }) => {
      const verdict = evaluate(rules, facts, options);
      const seen = glance(rules, facts, options);
      assert.ok(seen !== null, "no rule fails");
      assert.equal(toldText(seen), toldText(verdict));
      met.add(verdict.decision);
    }),
    { numRuns: 300 },
  );
  assert.ok(met.size > 1, `verdicts of one kind only say little: ${[...met].join()}`);
});
