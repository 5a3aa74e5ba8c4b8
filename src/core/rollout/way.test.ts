import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultStrategy } from "#core/rollout/strategy.ts";
import { plainCanary, rulesAt, wayOf } from "#core/rollout/way.ts";

const green = { ...defaultStrategy, method: "blue-green" } as const;

test("A strategy that says nothing is a canary by share alone, with no rules beside the shares", () => {
  assert.deepEqual(wayOf(defaultStrategy, {}), plainCanary);
  assert.deepEqual(rulesAt(plainCanary, "1.1.0", 5), {});
});

test("A cohort goes to the new version at every share below everything, and is no longer told apart then", () => {
  const way = wayOf({ ...defaultStrategy, cohort: "beta" }, {});
  assert.deepEqual(rulesAt(way, "1.1.0", 0), { cohorts: { beta: "1.1.0" } });
  assert.deepEqual(rulesAt(way, "1.1.0", 50), { cohorts: { beta: "1.1.0" } });
  assert.deepEqual(rulesAt(way, "1.1.0", 100), {});
});

for (const [traits, sessions] of [
  [{ sessions: "sticky" }, { idleSeconds: 300, drainSeconds: 900 }],
  [{}, { idleSeconds: 300, drainSeconds: 900 }],
  [{ sessions: "shared-store" }, null],
  [{ sessions: "none" }, null],
] as const) {
  const said = traits.sessions ?? "not spoken about";
  test(`Sessions that are ${said} ${sessions === null ? "need no care" : "are kept"} at a blue-green`, () => {
    const way = wayOf(green, traits);
    assert.deepEqual([way.sessions, way.holdSeconds], [sessions, 900]);
    assert.deepEqual(rulesAt(way, "1.1.0", 100), sessions === null ? {} : { sticky: { idleSeconds: 300 } });
  });
}
