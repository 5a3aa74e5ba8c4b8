import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { canonical } from "#core/audit/canonical.ts";
import { toHex, utf8 } from "#core/audit/bytes.ts";
import { createHasher } from "#core/audit/merkle.ts";
import { auditRoot, verifyExport } from "#core/audit/verify.ts";

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
const hasher = createHasher(sha256);

function entryOf(index: number): string {
  return canonical({
    id: `aud_${index}`,
    at: `2026-03-25T08:00:${String(index).padStart(2, "0")}Z`,
    actor: { person: "ann", account: "ann", method: "token" },
    action: "deployment.request",
    object: `dep_${index}`,
    outcome: "allow",
    reason: index % 2 === 0 ? null : "wörk",
  });
}

const entries = Array.from({ length: 12 }, (_, index) => entryOf(index));
const leaves = entries.map((entry) => toHex(hasher.leaf(utf8(entry))));
const whole = { format: "tidegate-audit-1", size: entries.length, root: auditRoot(entries, sha256), entries };

function codeOf(bundle: object): string {
  const outcome = verifyExport(JSON.stringify(bundle), sha256);
  return outcome.ok ? "whole" : `${outcome.error.code} ${outcome.error.place ?? "-"}`;
}

const changed = entries.with(3, entryOf(3).replace('"allow"', '"deny"'));

for (const [title, bundle, expected] of [
  ["whole as it was exported", whole, "whole"],
  ["whole with the hashes of its leaves", { ...whole, leaves }, "whole"],
  ["empty and whole", { ...whole, size: 0, entries: [], root: auditRoot([], sha256) }, "whole"],
  ["broken when an entry was changed", { ...whole, entries: changed }, "wrong-root -"],
  ["broken at the entry that was changed", { ...whole, entries: changed, leaves }, "changed 3"],
  ["broken when an entry was dropped", { ...whole, entries: entries.toSpliced(5, 1) }, "wrong-size -"],
  [
    "broken when the count was changed with it",
    { ...whole, size: 11, entries: entries.toSpliced(5, 1) },
    "wrong-root -",
  ],
  [
    "broken when two were swapped",
    { ...whole, entries: entries.toSpliced(0, 2, entryOf(1), entryOf(0)) },
    "wrong-root -",
  ],
  ["broken where an entry is repeated", { ...whole, entries: entries.with(7, entryOf(2)) }, "repeated 7"],
  ["broken where white space was added", { ...whole, entries: entries.with(4, `${entryOf(4)} `) }, "not-canonical 4"],
  ["broken where an entry is none", { ...whole, entries: entries.with(0, "{}") }, "not-an-entry 0"],
  ["no export when it is something else", { format: "other" }, "not-an-export -"],
] as const) {
  test(`an export is ${title}`, () => assert.equal(codeOf(bundle), expected));
}

test("text that is no JSON is no export", () => {
  const outcome = verifyExport("{", sha256);
  assert.ok(!outcome.ok && outcome.error.code === "not-an-export");
});

test("no single changed character of an export passes unnoticed, unless it changes nothing that is read", () => {
  const text = JSON.stringify({ ...whole, leaves });
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 33, max: 126 }), (place, code) => {
      const tampered = text.slice(0, place) + String.fromCharCode(code) + text.slice(place + 1);
      if (tampered === text) return;
      const isSame = (() => {
        try {
          const read: unknown = JSON.parse(tampered);
          return JSON.stringify(read) === text;
        } catch {
          return false;
        }
      })();
      assert.equal(verifyExport(tampered, sha256).ok, isSame);
    }),
    { numRuns: 1000 },
  );
});
