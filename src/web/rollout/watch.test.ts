import assert from "node:assert/strict";
import { test } from "node:test";
import { redOf, sayEnd, saySummary } from "#web/rollout/watch.ts";

const criteria = [
  { name: "errors", isGreen: true, sentence: "errors is within its limit." },
  { name: "ledger", isGreen: false, sentence: "ledger is not known." },
];
const stabilisation = {
  watcher: "ines",
  escalate: null,
  nextCheckIn: null,
  prolonged: 0,
  criteria,
  checkIns: [],
};

test("whoever ends a watch is told what is not watched any more, and what is not green", () => {
  assert.equal(
    sayEnd({ phase: "armed", stabilisation: null }),
    "From then on no breach takes it back by itself, and none is told.",
  );
  assert.match(
    sayEnd({ phase: "alerting", stabilisation }),
    /^From then on no breach of it is told\. .* 1 of 2 are green\.$/,
  );
  assert.deepEqual(
    redOf(criteria).map(({ name }) => name),
    ["ledger"],
  );
  assert.equal(saySummary([]), "Everything is green.");
});
