import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { rulePages } from "./generate-rule-docs.ts";

const folder = new URL("../docs/rules/", import.meta.url);

test("the pages of the rules are those that the rules' own words give", () => {
  const pages = rulePages();
  assert.deepEqual(readdirSync(folder).toSorted(), [...pages.keys()].toSorted());
  for (const [file, text] of pages) assert.equal(readFileSync(new URL(file, folder), "utf8"), text, file);
});
