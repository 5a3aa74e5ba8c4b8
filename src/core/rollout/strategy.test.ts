import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultStrategy, strategyFor, type Strategy } from "#core/rollout/strategy.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { someFacts } from "#core/testing.ts";

const subject = subjectScope(someFacts());
assert.ok(subject !== null);

const named = (name: string, priority: number, environments: readonly string[]): Strategy => ({
  ...defaultStrategy,
  name,
  priority,
  scope: { environments },
});

test("of the strategies that match the one with the highest priority applies, and among equals the first by name", () => {
  const strategies = [
    named("b", 5, ["*"]),
    named("a", 5, ["*"]),
    named("other", 9, ["nowhere"]),
    named("low", 1, ["*"]),
  ];
  assert.equal(strategyFor(strategies, subject).name, "a");
});

test("where none matches the default canary applies, and it ends with all the traffic", () => {
  const found = strategyFor([named("other", 9, ["nowhere"])], subject);
  assert.equal(found, defaultStrategy);
  assert.equal(found.stages.at(-1)?.percent, 100);
});
