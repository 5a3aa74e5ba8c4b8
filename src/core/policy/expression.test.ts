import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  expressionReader,
  maxExpressionDepth,
  maxExpressionLength,
  maxExpressionNodes,
  type Variables,
} from "#core/policy/expression.ts";

const read = expressionReader({
  service: { name: "string", tier: "int", tags: "list<string>" },
  figures: "map<string, double>",
  approvals: "int",
});

const variables: Variables = {
  service: { name: "cart", tier: 2n, tags: ["pii", "eu"] },
  figures: new Map([["coverage", 78]]),
  approvals: 1n,
};

for (const [source, expected] of [
  ["service.tier <= 1", false],
  ['service.tier <= 1 || "pii" in service.tags', true],
  ["figures.coverage >= 78.0", true],
  ['figures["coverage"] > 78.0', false],
  ["has(figures.licences)", false],
  ['service.tags.exists(tag, tag.startsWith("p"))', true],
  ["service.tags.filter(tag, tag != service.name).size() == 2", true],
  ["approvals + 1 >= 2 ? true : false", true],
  ['satisfies("2.10.0", ">=2.9.0")', true],
  ["figures.coverage >= 78 && figures.coverage < 78.5 && service.tier < 2.5", true],
] as const) {
  test(`${source} is ${expected}`, () => {
    const expression = read(source);
    assert.ok(expression.ok, expression.ok ? "" : expression.error.message);
    assert.deepEqual(expression.value.evaluate(variables), { ok: true, value: expected });
  });
}

for (const [title, source, code, line, column] of [
  ["a name that is not offered", "service.tier > owner", "not-available", 1, 16],
  ["a field that is not there", "service.teir > 1", "unreadable", 1, 9],
  ["types that cannot be compared", 'approvals > 1 &&\n  service.tier == "a"', "unreadable", 2, 3],
  ["a text that ends too early", "approvals >", "unreadable", 1, 12],
  ["what is neither true nor false", "service.tier", "not-true-or-false", 1, 1],
  ["a regular expression, which may never end", 'service.name.matches("(a+)+b")', "not-available", 1, 1],
  ["a date", 'timestamp("2026-01-01T00:00:00Z") == timestamp("2026-01-01T00:00:00Z")', "not-available", 1, 1],
  ["the prototype of a value", 'service.constructor == "x"', "unreadable", 1, 9],
  ["a map", '{"a": 1} == {"a": 1}', "unreadable", 1, 2],
  ["a variable that only a loop binds", "service.tags.all(t, t == name)", "not-available", 1, 26],
  ["a text that is too long", `approvals == 1 ${" ".repeat(maxExpressionLength)}`, "too-long", 1, 1],
  ["a sum of a whole number and a decimal", "figures.coverage + 1 > 2.0", "unreadable", 1, 1],
  ["equality of a whole number and a decimal", "figures.coverage == 78", "unreadable", 1, 1],
  ["nothing", "", "unreadable", 1, 1],
] as const) {
  test(`${title} is refused, with its place`, () => {
    const expression = read(source);
    assert.ok(!expression.ok);
    assert.deepEqual([expression.error.code, expression.error.line, expression.error.column], [code, line, column]);
    assert.match(expression.error.message, /\.$/);
  });
}

test("a deep or a wide expression is refused", () => {
  const deep = `${"(".repeat(maxExpressionDepth * 2)}true${")".repeat(maxExpressionDepth * 2)}`;
  assert.equal(read(deep).ok, false);
  const wide = Array.from({ length: maxExpressionNodes }, () => "true").join("||");
  assert.equal(read(wide).ok, false);
});

for (const [title, source] of [
  ["a key that is missing", "figures.licences == 0.0"],
  ["a division by zero", "1 / (approvals - 1) == 1"],
  ["a version that is none", 'satisfies(service.name, ">=1")'],
] as const) {
  test(`${title} is a fault and never a value`, () => {
    const expression = read(source);
    assert.ok(expression.ok);
    const result = expression.value.evaluate(variables);
    assert.ok(!result.ok);
    assert.equal(result.error.code, "failed");
  });
}

test("loops within loops over a long list are over budget before they begin", () => {
  const nested = read(
    "service.tags.all(a, service.tags.all(b, service.tags.all(c, service.tags.all(d, a + b + c + d != service.name))))",
  );
  assert.ok(nested.ok);
  const tags = Array.from({ length: 100 }, (_, index) => `t${index}`);
  const result = nested.value.evaluate({ ...variables, service: { name: "cart", tier: 1n, tags } });
  assert.ok(!result.ok);
  assert.equal(result.error.code, "over-budget");
  assert.equal(nested.value.evaluate(variables).ok, true, "with two tags it is cheap");
});

test("lists that the expression makes itself are counted as well", () => {
  const hundred = `[${Array.from({ length: 100 }, (_, index) => index).join(", ")}]`;
  const nested = read(`[${hundred}].all(l, l.all(a, l.all(b, l.all(c, a + b + c >= 0))))`);
  assert.ok(nested.ok);
  const result = nested.value.evaluate(variables);
  assert.ok(!result.ok && result.error.code === "over-budget");
});

test("an expression is explained part by part, with the values that it looked at", () => {
  const expression = read('service.tier <= 1 || (approvals >= 2 && !("eu" in service.tags))');
  assert.ok(expression.ok);
  assert.deepEqual(expression.value.explain(variables), [
    { holds: false, said: "service.tier <= 1 is false (service.tier is 2)" },
    { holds: false, said: "approvals >= 2 is false (approvals is 1)" },
    { holds: false, said: '!("eu" in service.tags) is false (service.tags is [pii, eu])' },
  ]);
});

test("a part that fails says so, and the value that it missed", () => {
  const expression = read("approvals == 1 && figures.licences == 0.0");
  assert.ok(expression.ok);
  assert.deepEqual(expression.value.explain(variables)[1], {
    holds: null,
    said: "figures.licences == 0.0 has no value: No such key: licences (figures.licences is missing)",
  });
});

test("what is mentioned is known without evaluating", () => {
  const expression = read('service.tags.all(tag, tag != "x") && approvals > 0');
  assert.ok(expression.ok);
  assert.deepEqual([...expression.value.mentions].toSorted(), ["approvals", "service", "service.tags"]);
});

test("no text makes it throw", () => {
  const words = fc.constantFrom(
    "service",
    ".tier",
    "<=",
    "1",
    "(",
    ")",
    "&&",
    "||",
    '"',
    "[",
    "]",
    "all",
    "t",
    ",",
    "\n",
    "has",
    "-",
    "!",
    "{",
    "\u{1f600}",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((parts) => parts.join(" ")),
      ),
      (source) => {
        const expression = read(source);
        if (expression.ok) expression.value.evaluate(variables);
        else assert.ok(expression.error.line >= 1 && expression.error.column >= 1);
      },
    ),
    { numRuns: 2000 },
  );
});
