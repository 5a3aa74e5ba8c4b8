import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { checkApart } from "#main/check-configuration.ts";

const unit = (index: number): string => `kind: Unit\nmetadata: { name: unit-${index} }\nspec: {}\n`;

test("a large configuration is checked with the same result, and the process answers meanwhile", async () => {
  const check = checkApart();
  const text = Array.from({ length: 4000 }, (_, index) => unit(index)).join("---\n");
  let turns = 0;
  const seen = { isDone: false };
  const checked = check([{ path: "units.yaml", text }]).finally(() => {
    seen.isDone = true;
  });
  while (!seen.isDone) {
    turns++;
    await turn();
  }
  const { documents, problems } = await checked;
  assert.deepEqual(problems, []);
  assert.equal(documents.length, 4000);
  assert.equal(documents[7]?.name, "unit-7");
  assert.ok(turns > 50, `the process had ${turns} turns`);
});

test("problems of a large configuration keep their place", async () => {
  const text = `${Array.from({ length: 2000 }, (_, index) => unit(index)).join("---\n")}---\nkind: Unit\nmetadata: { name: unit-3 }\nspec: {}\n`;
  const { problems } = await checkApart()([{ path: "units.yaml", text }]);
  assert.deepEqual(
    problems.map(({ code, path }) => [code, path]),
    [["duplicate-name", "units.yaml"]],
  );
});
