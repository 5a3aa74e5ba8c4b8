import assert from "node:assert/strict";
import { test } from "node:test";
import { foreignSource, saySource, type Source } from "#core/release/source.ts";
import { anEvidence } from "#core/testing-demands.ts";

const sources = new Map<string, Source>(
  [
    { name: "ci", accounts: ["ann-ci", "bob-ci"], evidence: ["load-test"] },
    { name: "scanner", accounts: ["scan-bot"], evidence: [] },
  ].map((source) => [source.name, source]),
);
const accounts = new Set(["ann", "ann-ci", "bob-ci", "scan-bot", "mallory"]);

for (const [title, source, account, first, kind, speaks] of [
  ["a declared source speaks with its account", "ci", "ann-ci", null, "coverage", null],
  ["a declared source speaks with each of its accounts", "ci", "bob-ci", "ann-ci", "coverage", null],
  ["nobody else speaks for it, whoever was first", "ci", "mallory", "mallory", "coverage", ["ann-ci", "bob-ci"]],
  ["an account is a source of its own name", "ann-ci", "ann-ci", null, "coverage", null],
  ["and of nobody else's", "scan-bot", "mallory", "mallory", "coverage", ["scan-bot"]],
  ["any other name belongs to its first account", "nightly", "mallory", null, "coverage", null],
  ["which goes on with it", "nightly", "ann-ci", "ann-ci", "coverage", null],
  ["and keeps it from the others", "nightly", "mallory", "ann-ci", "coverage", ["ann-ci"]],
  ["evidence that a source reports alone comes from it", "ci", "bob-ci", null, "load-test", null],
  ["and under no other name", "nightly", "mallory", null, "load-test", ["ann-ci", "bob-ci"]],
] as const) {
  test(title, () => {
    const report = { kind: "evidence", record: anEvidence(kind, { source }) } as const;
    assert.deepEqual(foreignSource(report, sources, { account, accounts }, first)?.speaks ?? null, speaks);
  });
}

test("a source is said with the account that spoke for it", () => {
  assert.equal(saySource({ source: "ci", by: "ann-ci" }), "ci (ann-ci)");
  assert.equal(saySource({ source: "ann-ci", by: "ann-ci" }), "ann-ci");
  assert.equal(saySource({ source: "ci" }), "ci");
});
