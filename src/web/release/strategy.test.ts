import assert from "node:assert/strict";
import { test } from "node:test";
import { sayShares, usedMethod, whyUsed, type Choice } from "#web/release/strategy.ts";

const way = (method: Choice["inForce"]["method"]) => ({ method, title: method, summary: "." });
const fitting = (...methods: Choice["inForce"]["method"][]): Choice["ranked"] =>
  methods.map((method) => ({ ...way(method), points: 1, weights: [], cites: [] }));

function choice(over: Partial<Choice["inForce"]>, ranked: Choice["ranked"]): Choice {
  return {
    service: "shop",
    environment: "prod",
    inForce: { name: "careful", method: "canary", stages: [5, 100], isDefault: false, isExcluded: false, ...over },
    ranked,
    excluded: [{ ...way("stop-start"), reasons: [{ code: "x", sentence: "it has no downtime", remedy: "Allow it." }] }],
    driver: null,
  };
}

test("the method that will be used is said with why, and with what would fit better", () => {
  const best = choice({}, fitting("canary", "rolling"));
  assert.equal(whyUsed(best), "The strategy careful says so. It is also what fits best.");
  const second = choice({ isDefault: true }, fitting("rolling", "canary"));
  assert.equal(whyUsed(second), "No strategy matches, so the default applies. rolling would fit better.");
  assert.equal(usedMethod(second)?.rank, 2);
  assert.equal(sayShares(best.inForce), "5 %, 100 %");
});

test("a method that is excluded is said to be denied", () => {
  const denied = choice({ method: "stop-start", isExcluded: true }, fitting("canary"));
  assert.equal(whyUsed(denied), "The strategy careful says so. It is excluded here: the request will be denied.");
  assert.deepEqual(usedMethod(denied), { title: "stop-start", summary: ".", rank: null });
});
