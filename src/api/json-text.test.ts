import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { maxJsonDepth, parseJsonBytes } from "#api/json-text.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("what is accepted is read exactly as the language reads it", () => {
  const strings = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\u0000"));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.oneof(strings, fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        strings.filter((name) => name !== "__proto__"),
        tie("value"),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  }));
  fc.assert(
    fc.property(value, fc.constantFrom(0, 1, 4), (given, indent) => {
      const text = JSON.stringify(given, null, indent);
      assert.deepEqual(parseJsonBytes(bytesOf(text)), { ok: true, value: JSON.parse(text) });
    }),
  );
});

test("any text is accepted only when the language accepts it, and nothing throws", () => {
  const pieces = fc.constantFrom("{", "}", "[", "]", '"', "\\", ":", ",", "1", "a", " ", "\\u", "null", "\n", '"a"');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const text = parts.join("");
      const read = parseJsonBytes(bytesOf(text));
      if (read.ok) assert.deepEqual(read.value, JSON.parse(text));
    }),
  );
});

test("nesting is allowed up to the limit and not one level more", () => {
  const nested = (depth: number) => bytesOf("[".repeat(depth) + "]".repeat(depth));
  assert.equal(parseJsonBytes(nested(maxJsonDepth)).ok, true);
  assert.equal(parseJsonBytes(nested(maxJsonDepth + 1)).ok, false);
});

test("the same name in two objects is no repetition", () => {
  assert.equal(parseJsonBytes(bytesOf('{"a":{"b":1},"c":{"b":2},"b":[{"b":3},"b","b"]}')).ok, true);
  const twice = parseJsonBytes(bytesOf('{"a":1,"b":{"x":1},"a":2}'));
  assert.equal(twice.ok ? "" : twice.error, 'The name "a" stands twice in one object.');
});
