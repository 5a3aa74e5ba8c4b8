import assert from "node:assert/strict";
import { test } from "node:test";
import { atOnceName, defaultStrategy, strategyFor, type Strategy } from "#core/rollout/strategy.ts";
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

const back = { ...subject, action: "roll-back" } as const;

test("a way back that no strategy names goes to everybody at once, and nothing waits for evidence of it", () => {
  for (const [what, strategies] of [
    ["none matches", []],
    ["a canary by shares and a cohort", [{ ...named("own", 5, ["*"]), cohort: "beta" }]],
    ["a blue-green", [{ ...named("own", 5, ["*"]), method: "blue-green", holdSeconds: 900 }]],
    ["a rolling", [{ ...named("own", 5, ["*"]), method: "rolling" }]],
  ] as const) {
    const { name, stages, insteadOf, ...how } = strategyFor(strategies, back);
    assert.deepEqual(
      [name, stages, insteadOf, how],
      [
        atOnceName,
        [{ percent: 100, minSeconds: 0, maxSeconds: 0, minRequests: 0 }],
        strategies[0]?.name ?? "default-canary",
        { scope: {}, priority: 0 },
      ],
      what,
    );
  }
});

test("at once keeps what two versions at a time would harm: one is stopped before the other starts", () => {
  for (const method of ["stop-start", "replica-switch-over"] as const) {
    assert.equal(strategyFor([{ ...named("own", 5, ["*"]), method }], back).method, method);
  }
});

test("a strategy that names the action rules a way back as it is written, by its priority and before others of the same", () => {
  const naming = (priority: number): Strategy => ({
    ...named("z-way-back", priority, ["*"]),
    scope: { environments: ["*"], actions: ["roll-back"] },
  });
  const found = (...strategies: readonly Strategy[]) => strategyFor(strategies, back);
  const own = naming(5);
  assert.equal(found(named("a", 1, ["*"]), own), own);
  assert.equal(found(named("a", 5, ["*"]), own), own);
  assert.equal(found(named("a", 9, ["*"]), own).insteadOf, "a");
  assert.equal(strategyFor([own, named("a", 1, ["*"])], subject).name, "a");
});
