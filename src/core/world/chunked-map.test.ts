import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { emptyMap, entriesOf, mapOf, prefixOf, valueOf, valueUnder, withEntry, withoutEntry } from "./chunked-map.ts";

const keys = fc.constantFrom("", "a", "b", "a\nb", "prod\ncart", "prod\npricing", "prod", "\n", "ab\n", "constructor");

test("a chunked map is a map, whatever is put in and taken out, and keeps what it was before", () => {
  const step = fc.tuple(keys, fc.option(fc.integer(), { nil: null }));
  fc.assert(
    fc.property(fc.array(fc.tuple(keys, fc.integer())), fc.array(step), (made, steps) => {
      const expected = new Map(made);
      let map = mapOf(made);
      for (const [key, value] of steps) {
        const before = map;
        const known = expected.get(key);
        map = value === null ? withoutEntry(map, key) : withEntry(map, key, value);
        assert.equal(valueOf(before, key), known, "the map before the change is as it was");
        if (value === null) expected.delete(key);
        else expected.set(key, value);
        assert.equal(valueOf(map, key), expected.get(key));
        assert.equal(map.size, expected.size);
      }
      assert.deepEqual(new Map(entriesOf(map)), expected);
      assert.equal([...entriesOf(map)].length, expected.size);
    }),
  );
});

test("a key is found by its beginning and its rest", () => {
  const map = withEntry(mapOf([["prod\ncart", 1]]), "prod\npricing", 2);
  const prod = prefixOf("prod\n");
  assert.deepEqual(
    ["cart", "pricing", "car", "t", ""].map((rest) => valueUnder(map, prod, rest)),
    [1, 2, undefined, undefined, undefined],
  );
  assert.equal(valueUnder(emptyMap(), prod, "cart"), undefined);
});

test("many keys are all found again", () => {
  const entries = Array.from({ length: 20_000 }, (_, n) => [`key-${n}`, n] as const);
  let map = mapOf(entries);
  for (let n = 0; n < 20_000; n += 7) map = withEntry(map, `key-${n}`, -n);
  for (let n = 0; n < 20_000; n++) assert.equal(valueOf(map, `key-${n}`), n % 7 === 0 ? -n : n);
});
