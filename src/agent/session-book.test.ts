import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionBook } from "./session-book.ts";

test("a session is one cookie, however often it is heard of, and ends when it was silent for too long", () => {
  let now = 1_000_000;
  const book = sessionBook(() => now);
  const [first, second] = [book.begin("1.0.0"), book.begin("1.0.0")];
  assert.notEqual(first, second);
  for (const cookie of [first, first, second, book.begin("1.1.0-rc+1")]) book.hear(cookie);
  assert.deepEqual([book.count("1.0.0", 10), book.count("1.1.0-rc+1", 10), book.count("2.0.0", 10)], [2, 1, 0]);
  now += 9_000;
  book.hear(second);
  now += 2_000;
  assert.deepEqual([book.count("1.0.0", 10), book.count("1.1.0-rc+1", 10)], [1, 0]);
});

test("a cookie names its version, also one of an agent that told sessions apart by nothing", () => {
  const book = sessionBook(() => 0);
  assert.deepEqual([book.versionIn(book.begin("5.0.1")), book.versionIn("5.0.1")], ["5.0.1", "5.0.1"]);
});
