import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSources } from "#config/world.ts";

const person = (name: string, account: string): string =>
  `kind: Person\nmetadata: { name: ${name} }\nspec: { accounts: [{ name: ${account}, kind: human }] }\n`;

test("an account cannot borrow the name of another person", () => {
  const text = [person("ann", "ann"), person("bob-bot", "bob"), person("bob", "bob-bot")].join("---\n");
  const { problems } = checkSources([{ path: "people.yaml", text }]);
  assert.deepEqual(
    problems.map(({ line, code }) => `${line} ${code}`),
    ["7 duplicate-account", "11 duplicate-account"],
  );
});
