import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, constantFrom, property, string } from "fast-check";
import { matchesGlob, matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";

const subject: ScopeSubject = {
  environment: "prod-emea",
  region: "emea",
  service: "checkout",
  team: "checkout",
  unit: "commerce",
  tier: 0,
  tags: ["financial", "shop"],
  dataClasses: ["pii"],
  class: "normal",
  action: "deploy",
  invoker: "person",
};

for (const [title, scope, expected] of [
  ["nothing restricts nothing", {}, true],
  ["a glob of the environment", { environments: ["prod-*"] }, true],
  ["globs of one field are alternatives", { environments: ["dev", "prod-*"] }, true],
  ["fields are all needed", { environments: ["prod-*"], tiers: [1, 2] }, false],
  ["one of the tags is enough", { tags: ["fin*"] }, true],
  ["no tag fits", { tags: ["internal"] }, false],
  ["an empty list matches nothing", { services: [] }, false],
  ["an action", { actions: ["roll-back"] }, false],
  ["case counts", { environments: ["PROD-*"] }, false],
] as const satisfies readonly (readonly [string, Scope, boolean])[]) {
  test(`a scope: ${title}`, () => assert.equal(matchesScope(scope, subject), expected));
}

test("a scope that names regions does not match where there is none", () => {
  assert.equal(matchesScope({ regions: ["*"] }, { ...subject, region: null }), false);
});

/** The same by a regular expression: slow and simple. */
function oracle(glob: string, text: string): boolean {
  const source = glob
    .split("")
    .map((c) => (c === "*" ? ".*" : c === "?" ? "." : RegExp.escape(c)))
    .join("");
  return new RegExp(`^${source}$`, "s").test(text);
}

test("globs agree with their regular expression", () => {
  const letters = string({ unit: constantFrom("a", "b", "-"), maxLength: 8 });
  const globs = string({ unit: constantFrom("a", "b", "-", "*", "?"), maxLength: 8 });
  holds(
    property(globs, letters, (glob, text) => matchesGlob(glob, text) === oracle(glob, text)),
    { numRuns: 2000 },
  );
});

test("no glob takes exponential time", () => {
  const startedAt = performance.now();
  assert.equal(matchesGlob(`${"a*".repeat(200)}b`, "a".repeat(5000)), false);
  assert.ok(performance.now() - startedAt < 500);
});
