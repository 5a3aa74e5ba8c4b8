import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { printing } from "#agent/printed.ts";

test("What fits is kept whole, in whatever pieces it came", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3_000 }), { maxLength: 20 }), (pieces) => {
      const { take, printed } = printing();
      for (const piece of pieces) take(Buffer.from(piece, "utf8"));
      const { head, tail, bytes } = printed();
      const text = pieces.map((piece) => Buffer.from(piece, "utf8").toString("utf8")).join("");
      assert.deepEqual([head, tail, bytes], [text, null, Buffer.byteLength(text)]);
    }),
    { numRuns: 50 },
  );
});

test("Of a flood the beginning and the end are kept, and memory does not grow with it", () => {
  const { take, printed } = printing();
  take(Buffer.from("begin"));
  for (let n = 0; n < 2_000; n += 1) take(Buffer.alloc(16_384, "x"));
  take(Buffer.from("end"));
  const { head, tail, bytes } = printed();
  assert.equal(bytes, 2_000 * 16_384 + 8);
  assert.ok(head.startsWith("beginx") && tail?.endsWith("xend") === true);
  assert.ok(head.length + (tail?.length ?? 0) < 200_000);
});
