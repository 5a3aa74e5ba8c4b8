import assert from "node:assert/strict";
import { test } from "node:test";
import { ok } from "#core/result.ts";
import { openView, outcomeOf, takeIn } from "#usecases/rollout/traffic-view.ts";

const change = { service: "cart", version: "1.1.0", control: "1.0.0" };
const since = { canarySince: 100, stageSince: 100 };
const stage = { percent: 50, minSeconds: 10, maxSeconds: 60, minRequests: 50 };

/** What a stage of so many seconds has come to, each with ten requests of the canary of which so many failed. */
function watched(seconds: number, canaryErrors: number) {
  const view = openView(since);
  const traffic = Array.from({ length: seconds }, (_, index) => index + since.stageSince).flatMap((second) => [
    { second, version: "1.0.0", requests: 10, errors: 0, latency: [10] },
    { second, version: "1.1.0", requests: 10, errors: canaryErrors, latency: [10] },
  ]);
  takeIn(change, since, view, ok({ seconds: traffic, completeBefore: since.stageSince + seconds }));
  return outcomeOf(change, stage, since, view);
}

test("a canary without harm passes after its time and its requests", () => {
  assert.equal(watched(9, 0), null);
  assert.equal(watched(10, 0)?.outcome, "healthy");
});

test("a canary that fails every third request is worse, in words", () => {
  const seen = watched(30, 3);
  assert.equal(seen?.outcome, "worse");
  assert.match(seen.sentence, /^At 50 % cart@1\.1\.0 is worse than 1\.0\.0 in errors: 30\.00 % errors against 0\.00 %/);
});

test("counts that cannot be never pass, and the sentence says what is wrong with them", () => {
  assert.equal(watched(30, 11), null);
  const seen = watched(60, 11);
  assert.equal(seen?.outcome, "not-enough");
  assert.match(seen.sentence, /errors: more events than requests\./);
});
