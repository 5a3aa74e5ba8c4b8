import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeText, whyNotKept } from "./chosen-files.ts";

test("Files are refused before they are sent when the server would not keep them", () => {
  const file = (name: string, bytes = 10) => ({ name, bytes });
  assert.equal(whyNotKept([file("a"), file("b")]), null);
  assert.match(whyNotKept(["a", "b", "c", "d", "e", "f"].map((name) => file(name))) ?? "", /^An answer has 5 files/);
  assert.match(whyNotKept([file("a", 0)]) ?? "", /^a is empty/);
  assert.match(whyNotKept([file("a", 256 * 1024 + 1)]) ?? "", /^a has 256 KiB; 256 KiB are kept at most/);
  assert.match(whyNotKept([file("a"), file("a")]) ?? "", /^Two files are called a/);
});

test("Sizes are short and never rounded to nothing", () => {
  assert.deepEqual(
    [sizeText(1), sizeText(1023), sizeText(1024), sizeText(3482), sizeText(262_144)],
    ["1 B", "1023 B", "1 KiB", "3.4 KiB", "256 KiB"],
  );
});
