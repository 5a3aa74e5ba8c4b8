import assert from "node:assert/strict";
import { test } from "node:test";
import { err, ok } from "#core/result.ts";
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

test("a target whose counts stand still is as good as none, whatever it answers", () => {
  const view = openView(since);
  const still = ok({ seconds: [], completeBefore: since.stageSince + 5 });
  for (let look = 0; look < 120; look++) takeIn(change, since, view, still);
  assert.equal(outcomeOf(change, stage, since, view), null);
  takeIn(change, since, view, still);
  assert.equal(outcomeOf(change, stage, since, view)?.outcome, "blind");
  takeIn(change, since, view, ok({ seconds: [], completeBefore: since.stageSince + 6 }));
  assert.equal(outcomeOf(change, stage, since, view), null);
});

test("answers that hang count for as long as they took", () => {
  const view = openView(since);
  const away = err({ code: "timeout", message: "It did not answer.", retry: "later" } as const);
  for (let look = 0; look < 12; look++) takeIn(change, since, view, away, 5_000);
  assert.equal(outcomeOf(change, stage, since, view)?.outcome, "blind");
});

test("a first version that fails its users does not pass for want of another to compare it with", () => {
  const first = { ...change, control: null };
  const outcome = (seconds: number, errors: number) => {
    const view = openView(since);
    const traffic = Array.from({ length: seconds }, (_, index) => ({
      second: since.stageSince + index,
      version: "1.1.0",
      requests: 20,
      errors,
      latency: [20],
    }));
    takeIn(first, since, view, ok({ seconds: traffic, completeBefore: since.stageSince + seconds }));
    return outcomeOf(first, stage, since, view);
  };
  assert.equal(outcome(10, 0)?.outcome, "healthy");
  assert.equal(outcome(10, 20), null);
  const held = outcome(60, 20);
  assert.equal(held?.outcome, "not-enough");
  assert.match(held.sentence, /100\.00 % errors, and there is no former version to compare it with/);
});
