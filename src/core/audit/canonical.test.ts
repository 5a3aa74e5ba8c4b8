import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { canonical, maxCanonicalDepth, type JsonValue } from "#core/audit/canonical.ts";
import { utf8 } from "#core/audit/bytes.ts";

const numbers = new DataView(new ArrayBuffer(8));

/** The bit patterns and texts of RFC 8785, appendix B. */
for (const [bits, text] of [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
] as const) {
  test(`the number ${bits} is written ${text}`, () => {
    numbers.setBigUint64(0, BigInt(`0x${bits}`));
    assert.equal(canonical(numbers.getFloat64(0)), text);
  });
}

test("members are sorted by UTF-16 code units, whatever their scripts", () => {
  const value = { "€": 1, "\r": 2, דּ: 3, "1": 4, "😀": 5, "\u0080": 6, ö: 7 };
  assert.deepEqual(
    [...canonical(value).matchAll(/:(\d)/g)].map(([, digit]) => digit),
    ["2", "4", "6", "7", "1", "5", "3"],
  );
});

test("strings are escaped as little as possible", () => {
  assert.equal(canonical('€$\u000f\nA\'B"\\\\"/'), '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
});

for (const [title, value] of [
  ["NaN", Number.NaN],
  ["an infinity", Number.POSITIVE_INFINITY],
  ["a lone surrogate", "\ud800"],
  ["a lone surrogate in a name", { "\udc00": 1 }],
] as const) {
  test(`${title} has no canonical form`, () => assert.throws(() => canonical(value), RangeError));
}

test("nesting has a limit", () => {
  let value: JsonValue = 1;
  for (let depth = 0; depth <= maxCanonicalDepth; depth++) value = [value];
  assert.throws(() => canonical(value), RangeError);
});

const jsonValues = fc.jsonValue().map((value): JsonValue => JSON.parse(JSON.stringify(value)));

test("the text reads back as the same value, and its own canonical form is itself", () => {
  fc.assert(
    fc.property(jsonValues, (value) => {
      const text = canonical(value);
      assert.deepEqual(JSON.parse(text), value);
      assert.equal(canonical(JSON.parse(text)), text);
    }),
  );
});

test("UTF-8 bytes are those of the platform", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      if (!text.isWellFormed()) return assert.throws(() => utf8(text), RangeError);
      assert.deepEqual([...utf8(text)], [...new TextEncoder().encode(text)]);
    }),
  );
});
