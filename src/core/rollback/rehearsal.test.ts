import assert from "node:assert/strict";
import { test } from "node:test";
import { isPastNoReturn, type RollbackPlan } from "#core/rollback/plan.ts";
import { differingTables } from "#core/rollback/rehearsal.ts";

test("tables differ by their rows, and by being on one side only", () => {
  const before = { "orders.orders": "sha256:a", "orders.line": "sha256:b", "orders.gone": "sha256:c" };
  const after = { "orders.orders": "sha256:a", "orders.line": "sha256:x", "orders.new": "sha256:d" };
  assert.deepEqual(differingTables(before, after), ["orders.gone", "orders.line", "orders.new"]);
  assert.deepEqual(differingTables(before, before), []);
});

test("a version is past the point of no return from its share on", () => {
  const plan: RollbackPlan = {
    service: "cart",
    document: "cart",
    triggers: ["t"],
    steps: ["s"],
    expected: null,
    pointOfNoReturn: { percent: 50, why: "The billing has read it." },
    limits: [],
  };
  assert.equal(isPastNoReturn(plan, 25), false);
  assert.equal(isPastNoReturn(plan, 50), true);
  assert.equal(isPastNoReturn({ ...plan, pointOfNoReturn: null }, 100), false);
  assert.equal(isPastNoReturn(null, 100), false);
});
