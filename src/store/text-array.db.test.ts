import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { queryOne, sql } from "#store/sql.ts";
import { textArray } from "#store/text-array.ts";
import { freshStore, type TestStore } from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore(1);
});
after(() => store[Symbol.asyncDispose]());

const row = z.object({ list: z.array(z.string().nullable()), length: z.int() });
// What the store cannot hold as text is refused before it comes here.
const texts = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !text.includes("\u0000"));

test("a list of texts arrives as it was, whatever it holds", async () => {
  const lists = fc.array(fc.option(fc.oneof(texts, fc.constantFrom("", "NULL", '"', "\\", "{a,b}", "ä€😀"))));
  await fc.assert(
    fc.asyncProperty(lists, async (list) => {
      const read = await queryOne(
        store.pool,
        sql`select l as list, cardinality(l) as length from (select ${textArray(list)}::text[] as l) x`,
        row,
      );
      assert.deepEqual(read, { list, length: list.length });
    }),
    { numRuns: 200 },
  );
});
