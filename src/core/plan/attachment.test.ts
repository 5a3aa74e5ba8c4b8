import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { cleanName, decodedBase64, fileLimits } from "#core/plan/attachment.ts";

for (const [given, kept] of [
  ["balance.csv", "balance.csv"],
  ["../../etc/passwd", "passwd"],
  ["C:\\temp\\report 1.pdf", "report 1.pdf"],
  [".bashrc", "bashrc"],
  ["-rf", "rf"],
  ["a\u202egpj.exe", "a_gpj.exe"],
  ["x;rm -rf $HOME`.txt", "x_rm -rf _HOME_.txt"],
  ["Bilanz März.txt", "Bilanz März.txt"],
  ["...", "file"],
  ["", "file"],
] as const) {
  test(`the name ${JSON.stringify(given)} is kept as ${JSON.stringify(kept)}`, () => {
    assert.equal(cleanName(given), kept);
  });
}

test("No name leaves a folder, hides or grows, and a clean name stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (given) => {
      const kept = cleanName(given);
      assert.match(kept, /^[^./\\\p{C}-][^/\\\p{C}]*$/u);
      assert.ok(Array.from(kept).length <= fileLimits.nameChars);
    }),
  );
});

test("Only strict base64 is read, and it comes back as it was", () => {
  for (const text of ["a", "aGk", "aGk=\n", "a-_=", "====", "aGl="]) assert.equal(decodedBase64(text), null, text);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.deepEqual(decodedBase64(Buffer.from(bytes).toString("base64")), bytes);
    }),
  );
});
