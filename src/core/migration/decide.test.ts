import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileName, toApply, toUndo, type AppliedScript, type MigrationScript } from "#core/migration/decide.ts";

const script = (number: number, change: Partial<MigrationScript> = {}): MigrationScript => ({
  number,
  name: `000${number}-step`,
  checksum: `sum-${number}`,
  undo: { checksum: `undo-${number}` },
  ...change,
});
const applied = (number: number, change: Partial<AppliedScript> = {}): AppliedScript => ({
  number,
  name: `000${number}-step`,
  checksum: `sum-${number}`,
  undoChecksum: `undo-${number}`,
  key: "run-1",
  isWhole: true,
  ...change,
});

for (const [title, scripts, ledger, expected] of [
  ["Of a new database everything is applied, in order", [script(2), script(1)], [], [1, 2]],
  ["What the ledger has is not applied again", [script(1), script(2)], [applied(1)], [2]],
  ["What a later version has applied stays, and nothing is to be done", [script(1)], [applied(1), applied(2)], []],
  [
    "An edited script is refused",
    [script(1, { checksum: "other" })],
    [applied(1)],
    /^0001-step has the checksum other; applied was/,
  ],
  ["A script with another name is refused", [script(1, { name: "0001-x" })], [applied(1)], /^0001-x has the checksum/],
  ["A script that went missing is refused", [script(2)], [applied(1)], /^0001-step was applied and is not among/],
  ["A script below what is applied is refused", [script(1), script(2)], [applied(2)], /^0001-step comes before/],
  ["Two scripts of one number are refused", [script(1), script(1, { name: "0001-y" })], [], /^Two scripts/],
  [
    "Behind a script that did not end nothing is done",
    [script(1), script(2)],
    [applied(1, { isWhole: false })],
    /did not end/,
  ],
] as const) {
  test(title, () => {
    const decided = toApply(scripts, ledger);
    if (expected instanceof RegExp) assert.match(decided.ok ? "" : decided.error, expected);
    else assert.deepEqual(decided.ok && decided.value.map(({ number }) => number), expected);
  });
}

for (const [title, scripts, ledger, expected] of [
  [
    "What the run applied is taken back, the last first",
    [script(1), script(2), script(3)],
    [applied(1, { key: "run-0" }), applied(2), applied(3)],
    [3, 2],
  ],
  ["A run that applied nothing takes nothing back", [script(1)], [applied(1, { key: "run-0" })], []],
  [
    "What is irreversible is not taken back, and nothing else is either",
    [script(1), script(2, { undo: { irreversible: "It is gone." } })],
    [applied(1), applied(2)],
    /^0002-step is irreversible: It is gone\.$/,
  ],
  [
    "What another run applied on top comes first",
    [script(1), script(2)],
    [applied(1), applied(2, { key: "run-2" })],
    /^0002-step was applied behind it/,
  ],
  [
    "Another undo than the one that came along is refused",
    [script(1, { undo: { checksum: "x" } })],
    [applied(1)],
    /^The undo of 0001-step is not the one/,
  ],
] as const) {
  test(title, () => {
    const decided = toUndo(scripts, ledger, "run-1");
    if (expected instanceof RegExp) assert.match(decided.ok ? "" : decided.error, expected);
    else assert.deepEqual(decided.ok && decided.value.map(({ number }) => number), expected);
  });
}

test("A file of a script says its number, its name and what it is for", () => {
  assert.deepEqual(readFileName("0012-add-note.up.sql"), { number: 12, name: "0012-add-note", purpose: "up" });
  assert.equal(readFileName("0000-zero.up.sql"), null);
  assert.equal(readFileName("12-add-note.sql"), null);
});
