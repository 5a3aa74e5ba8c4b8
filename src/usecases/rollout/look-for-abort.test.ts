import assert from "node:assert/strict";
import { test } from "node:test";
import { unlessAborted } from "#usecases/rollout/look-for-abort.ts";

test("what is verified goes back all the same when somebody aborts before the former version is let go", () => {
  const well = { done: true } as const;
  const refused = { done: false, code: "not-verified", sentence: "It has 95 %." } as const;
  assert.equal(unlessAborted(well, null), well);
  assert.equal(unlessAborted(refused, "ann"), refused);
  const aborted = { done: false, code: "aborted", sentence: "ann aborted the deployment." };
  assert.deepEqual(unlessAborted(well, "ann"), aborted);
});
