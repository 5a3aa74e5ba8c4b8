import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { accepts, blocks, runShell } from "#test/support/docs-shell.ts";

const root = resolve(import.meta.dirname, "../..");
const pages = ["README.md", ...globSync("docs/{how-to,operations,tutorial}/**/*.md", { cwd: root }), "docs/tour.md"];

/** Lines that call the command line, with those that they go on in; a prompt and the path of a clone are left out. */
function callLines(block: string): readonly string[] {
  const lines = block.replaceAll(/ \\\n\s*/g, " ").split("\n");
  return lines
    .map((line) => line.replace(/^\$ /, "").replaceAll("./bin/tidegate", "tidegate"))
    .filter((line) => /^(?:[A-Z_]+=\S* )*tidegate /.test(line));
}

for (const page of pages) {
  test(`every call of the command line in ${page} is one that it takes`, () => {
    const text = readFileSync(resolve(root, page), "utf8");
    const lines = [...blocks(text, ""), ...blocks(text, "sh")].flatMap(callLines);
    if (lines.length === 0) return;
    const ran = runShell(lines.join("\n"));
    assert.equal(ran.status, 0, ran.stderr);
    assert.ok(ran.calls.length >= lines.length, `${ran.calls.length} calls of ${lines.length} lines: ${ran.stderr}`);
    for (const words of ran.calls) accepts(words);
  });
}

test("a call with a flag that is not there, or without what it needs, is noticed", () => {
  assert.throws(() => accepts(["gate", "cart@1.1.0", "--to", "prod", "--nope"]), /unknown option/);
  assert.throws(() => accepts(["deploy", "--to", "prod"]), /missing required argument/);
  assert.throws(() => accepts(["deployy", "cart@1.1.0"]), /unknown command/);
});
