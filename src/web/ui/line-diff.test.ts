import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { lineDiff } from "./line-diff.ts";

test("A changed line is removed and added, the others stay", () => {
  assert.deepEqual(
    lineDiff("a\nb\nc", "a\nB\nc").map(({ kind, text }) => `${kind} ${text}`),
    ["same a", "removed b", "added B", "same c"],
  );
});

test("Without what was added a diff is the old text, and without what was removed the new one", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = lineDiff(before, after);
      const without = (kind: string) =>
        diff
          .filter((line) => line.kind !== kind)
          .map((line) => line.text)
          .join("\n");
      assert.equal(without("added"), before);
      assert.equal(without("removed"), after);
    }),
  );
});
