import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeSuite } from "#usecases/rollout/smoke-suite.ts";

const alive = [
  { name: "liveness", passed: true, detail: "/livez answered 200" },
  { name: "identity", passed: true, detail: "it says cart 1.1.0" },
];
const order = { name: "order-reaches-ledger", passed: true, detail: "2 steps as expected" };
const lost = {
  ...order,
  passed: false,
  detail: "step 2, GET /entries at ledger-core: within 60 s expected 200, got 404",
};

for (const [title, checks, needed, passed, says, warns] of [
  ["alive, and its order arrives", [...alive, order], [order.name], true, "order-reaches-ledger", false],
  ["alive, and its order never arrives", [...alive, lost], [order.name], false, "within 60 s expected 200", false],
  ["alive alone", alive, [], true, "liveness, identity", true],
  ["alive alone where an outcome is asked for", alive, [order.name], false, "it was not run", true],
  ["without checks", [], [], false, "no evidence is not health", false],
] as const) {
  test(`A version that is ${title} ${passed ? "may" : "may not"} have users${warns ? ", with a warning" : ""}`, () => {
    const judged = judgeSuite(checks, needed);
    assert.equal(judged.passed, passed);
    assert.ok(judged.sentence.includes(says), judged.sentence);
    assert.equal(judged.warning !== null, warns);
  });
}
