import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

test("the reference and the JSON Schemas are what the schemas of the kinds give", () => {
  const tool = new URL("../../tools/generate-config-reference.ts", import.meta.url).pathname;
  const { status, stderr } = spawnSync(process.execPath, [tool, "--check"], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});
