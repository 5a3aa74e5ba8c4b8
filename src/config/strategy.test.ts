import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources } from "#config/world.ts";

const catalog = `kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin }
---
kind: Service
metadata: { name: orders-db }
spec: { unit: retail, team: data, tier: 0, rollout: { writers: single } }
---
kind: Service
metadata: { name: web }
spec: { unit: retail, team: data, tier: 1, rollout: { writers: many, sessions: sticky, impact: high } }
---
`;
const whole = "stages: [{ percent: 100, minSeconds: 1, maxSeconds: 5, minRequests: 0 }]";

function check(...strategies: readonly string[]) {
  const text = strategies.map((spec, index) => `kind: Strategy\nmetadata: { name: s${index} }\nspec:\n${spec}\n`);
  const { world, problems } = checkSources([{ path: "a.yaml", text: catalog + text.join("---\n") }]);
  return { strategies: world?.organisation.strategies ?? [], problems };
}

const problemsOf = (spec: string) => check(spec).problems.map(({ code, line, message }) => ({ code, line, message }));

test("A strategy that says nothing of a method has none: it is what it was", () => {
  const { strategies, problems } = check(`  scope: {}\n  ${whole}`);
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.keys(strategies[0] ?? {}), ["name", "scope", "priority", "stages"]);
});

test("Method, sessions and hold time are read", () => {
  const spec = `  scope: { services: [web] }\n  method: blue-green\n  sessions: { idleSeconds: 60, drainSeconds: 900 }\n  holdSeconds: 600\n  ${whole}`;
  const [found] = check(spec).strategies;
  assert.deepEqual(
    [found?.method, found?.sessions, found?.holdSeconds],
    ["blue-green", { idleSeconds: 60, drainSeconds: 900 }, 600],
  );
});

test("A method that is excluded for a service named in the scope is an error of the configuration, with the reason", () => {
  const [found, ...others] = problemsOf(`  scope: { services: [orders-db] }\n  method: blue-green\n  ${whole}`);
  assert.deepEqual(others, []);
  assert.equal(found?.code, "method-excluded");
  assert.equal(
    found?.message,
    "The method blue-green is excluded for orders-db in prod: orders-db has a single writer, and two versions at a time would both write.",
  );
});

test("What becomes of sessions at the limit is one of two words", () => {
  const at = (word: string) =>
    problemsOf(
      `  scope: {}\n  method: blue-green\n  sessions: { idleSeconds: 5, drainSeconds: 9, atLimit: ${word} }\n  ${whole}`,
    );
  assert.deepEqual([at("hold"), at("end")], [[], []]);
  assert.ok(at("kill").some(({ code }) => code === "bad-value"));
});

test("A wildcard that reaches such a service is none: what it reaches is judged when it is asked for", () => {
  assert.deepEqual(problemsOf(`  scope: { services: ["orders-*"] }\n  method: blue-green\n  ${whole}`), []);
});

for (const [what, spec, code] of [
  ["a cohort of a rolling", `method: rolling\n  cohort: beta\n  ${whole}`, "bad-value"],
  ["sessions of a canary", `sessions: { idleSeconds: 5, drainSeconds: 9 }\n  ${whole}`, "bad-value"],
  ["a hold time of a stop and start", `method: stop-start\n  holdSeconds: 5\n  ${whole}`, "bad-value"],
  [
    "a drain shorter than a silence",
    `method: blue-green\n  sessions: { idleSeconds: 9, drainSeconds: 5 }\n  ${whole}`,
    "wrong-order",
  ],
  [
    "a blue-green in two stages",
    "method: blue-green\n  stages: [{ percent: 5, minSeconds: 1, maxSeconds: 5, minRequests: 0 }, { percent: 100, minSeconds: 1, maxSeconds: 5, minRequests: 0 }]",
    "bad-value",
  ],
  [
    "a stage of nothing without a cohort",
    "stages: [{ percent: 0, minSeconds: 1, maxSeconds: 5, minRequests: 0 }, { percent: 100, minSeconds: 1, maxSeconds: 5, minRequests: 0 }]",
    "bad-value",
  ],
  [
    "a share above everything",
    "stages: [{ percent: 101, minSeconds: 1, maxSeconds: 5, minRequests: 0 }]",
    "out-of-range",
  ],
  [
    "a share below nothing",
    "stages: [{ percent: -1, minSeconds: 1, maxSeconds: 5, minRequests: 0 }, { percent: 100, minSeconds: 1, maxSeconds: 5, minRequests: 0 }]",
    "out-of-range",
  ],
  ["a method that does not exist", `method: big-bang\n  ${whole}`, "bad-value"],
] as const) {
  test(`Refused when it is written: ${what}`, () => {
    const found = problemsOf(`  scope: {}\n  ${spec}`);
    assert.ok(
      found.some((one) => one.code === code),
      JSON.stringify(found),
    );
  });
}

test("A bound that may not be reached itself is said to be one", () => {
  const text = `kind: Rollback
metadata: { name: web }
spec: { service: web, triggers: [t], steps: [s], pointOfNoReturn: { percent: 0, why: w } }`;
  const { problems } = checkSources([{ path: "a.yaml", text: catalog + text }]);
  const found = problems.filter(({ code }) => code === "out-of-range").map(({ message, remedy }) => [message, remedy]);
  assert.deepEqual(found, [["spec.pointOfNoReturn.percent must be more than 0.", "Use more than 0."]]);
});
