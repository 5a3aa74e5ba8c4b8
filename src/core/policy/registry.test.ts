import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { rules } from "#core/policy/registry.ts";

const folder = readdirSync(new URL("rules/", import.meta.url)).filter((file) => !file.endsWith(".test.ts"));

test("the registry lists every file of the folder, once", () => {
  assert.ok(folder.length > 0);
  assert.deepEqual(rules.map(({ id }) => `${id}.ts`).toSorted(), folder.toSorted());
});

for (const rule of rules) {
  test(`the rule ${rule.id} says why it exists and what helps, in sentences`, () => {
    for (const text of [rule.reason, rule.remedy]) assert.match(text, /^[A-Z].*\.$/);
    assert.match(rule.title, /^[A-Z].*[^.]$/);
    assert.match(rule.version, /^\d+$/);
  });
}
