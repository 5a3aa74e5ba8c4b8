import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { limits } from "#config/limits.ts";
import { parseSources } from "#config/source.ts";
import { checkSources } from "#config/world.ts";

function found(text: string): string[] {
  const { problems } = parseSources([{ path: "f.yaml", text }]);
  return problems.map(({ path, line, column, code }) => `${path}:${line}:${column} ${code}`);
}

const unit = "kind: Unit\nmetadata: { name: a }\n";

test("several documents of a file are read, empty ones skipped, and their places kept", () => {
  const { documents, problems } = parseSources([
    { path: "a.yaml", text: `---\n${unit}---\n# nothing\n---\nkind: Team\nmetadata: { name: t }\nspec: { unit: a }\n` },
  ]);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    documents.map(({ kind, name, spec }) => ({ kind, name, spec })),
    [
      { kind: "Unit", name: "a", spec: {} },
      { kind: "Team", name: "t", spec: { unit: "a" } },
    ],
  );
});

test("a byte order mark and line ends of Windows change no place", () => {
  assert.deepEqual(found(`\uFEFF${unit}`), []);
  assert.deepEqual(found("kind: Unit\r\nmetadata: { name: a }\r\nspeck: {}\r\n"), ["f.yaml:3:1 unknown-field"]);
});

for (const [title, text, problems] of [
  ["a bracket that is never closed", "a: [1\n", ["2:1 yaml"]],
  ["a tab as indentation", "a:\n\tb: 1\n", ["2:1 yaml"]],
  ["a duplicate key, with the rest still read", `${unit}kind: Team\n`, ["3:1 duplicate-key"]],
  ["a duplicate key deep inside", `${unit}spec: { x: { y: 1, y: 2 } }\n`, ["3:20 duplicate-key"]],
  ["the key __proto__", `${unit}spec: { __proto__: { polluted: true } }\n`, ["3:9 bad-key"]],
  ["the key __proto__ in quotes", `${unit}spec: { "__proto__": 1 }\n`, ["3:9 bad-key"]],
  ["the key constructor", `${unit}spec: { constructor: { prototype: 1 } }\n`, ["3:9 bad-key"]],
  ["a list as key", `${unit}spec: { [1]: 2 }\n`, ["3:9 bad-key"]],
  ["a number as key", `${unit}spec: { 1: 2 }\n`, ["3:9 bad-key"]],
  ["a merge key", "kind: Unit\nmetadata: &m { name: a }\nspec: { <<: *m }\n", ["3:9 bad-key"]],
  ["a tag that makes code", `${unit}spec: { f: !!js/function "x" }\n`, ["3:26 tag"]],
  ["a tag of one's own", `${unit}spec: { f: !secret x }\n`, ["3:20 tag"]],
  ["a tag for bytes", `${unit}spec: { f: !!binary aGk= }\n`, ["3:21 tag"]],
  ["an alias without anchor", `${unit}spec: { f: *nowhere }\n`, ["3:12 alias"]],
  ["an alias of itself", `${unit}spec: { f: &f [*f] }\n`, ["3:15 too-deep"]],
  ["a number that is infinite", `${unit}spec: { f: 1e400 }\n`, ["3:12 bad-number"]],
  ["a number that is not exact", `${unit}spec: { f: 12345678901234567890 }\n`, ["3:12 bad-number"]],
  ["half of a surrogate pair, escaped", `${unit}spec: { f: "\\uD800" }\n`, ["3:12 bad-character"]],
  ["half of a surrogate pair", `${unit}# \uD800\n`, ["3:3 bad-character"]],
  ["an escape character, escaped", `${unit}spec: { f: "\\u001b[31m" }\n`, ["3:12 bad-character"]],
  ["a zero character", `${unit}# \0\n`, ["3:3 bad-character"]],
  ["an escape character", `${unit}# \u001b[31m\n`, ["3:3 bad-character"]],
  ["YAML 1.1, where yes is true", `%YAML 1.1\n---\n${unit}`, ["2:1 yaml-version"]],
  ["a document that is a list", "- a\n", ["1:1 not-a-document"]],
  ["another apiVersion", `apiVersion: v2\n${unit}`, ["1:13 api-version"]],
  ["a kind that is a number", "kind: 5\nmetadata: { name: a }\n", ["1:7 wrong-type"]],
  ["no kind and no name", "spec: {}\n", ["1:1 missing-field", "1:1 missing-field"]],
  ["a name that is a list", "kind: Unit\nmetadata: { name: [a] }\n", ["2:19 wrong-type"]],
  ["a name with capital letters", "kind: Unit\nmetadata: { name: Retail }\n", ["2:19 bad-name"]],
  ["a name that climbs folders", "kind: Unit\nmetadata: { name: ../etc }\n", ["2:19 bad-name"]],
  ["a spec that is a text", `${unit}spec: hello\n`, ["3:7 wrong-type"]],
  ["two unknown fields", `${unit}a: 1\nb: 2\n`, ["3:1 unknown-field", "4:1 unknown-field"]],
] as const) {
  test(`refuses ${title}, at its place`, () => {
    assert.deepEqual(
      found(text),
      problems.map((problem) => `f.yaml:${problem}`),
    );
    const [first] = parseSources([{ path: "f.yaml", text }]).problems;
    assert.match(first?.remedy ?? "", /\.$/);
    assert.match(first?.excerpt ?? "", /\^$/);
  });
}

test("nothing that is read reaches the prototype of objects", () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  found(`${unit}spec: { __proto__: { polluted: 1 }, constructor: { prototype: { polluted: 1 } } }\n`);
  found("__proto__: { polluted: 1 }\nkind: Unit\n");
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
});

test("a file of 5 MB is refused with both sizes, without being read", () => {
  const started = performance.now();
  const { documents, problems } = parseSources([{ path: "big.yaml", text: "a: b\n".repeat(1024 * 1024) }]);
  assert.ok(performance.now() - started < 2_000);
  assert.deepEqual(documents, []);
  assert.equal(problems.length, 1);
  assert.equal(problems[0]?.code, "file-too-large");
  assert.equal(problems[0]?.message, "The file has 5 MiB; the limit for a file is 1 MiB.");
});

test("a file over the limit in bytes but not in characters is refused", () => {
  assert.deepEqual(found(`# ${"ä".repeat(600_000)}\n`), ["f.yaml:1:1 file-too-large"]);
});

test("files that are too much together are refused from the first that does not fit", () => {
  const text = `# ${"x".repeat(limits.fileBytes - 3)}\n`;
  const files = Array.from({ length: 18 }, (_, index) => ({ path: `f${String(index).padStart(2, "0")}.yaml`, text }));
  assert.deepEqual(
    parseSources(files).problems.map(({ path, code }) => `${path} ${code}`),
    ["f16.yaml too-much-text", "f17.yaml too-much-text"],
  );
});

test("more documents than the limit are refused", () => {
  const files = Array.from({ length: 3 }, (_, file) => ({
    path: `f${file}.yaml`,
    text: Array.from({ length: 8_000 }, (__, index) => `kind: Unit\nmetadata: { name: u${file}-${index} }\n`).join(
      "---\n",
    ),
  }));
  const { documents, problems } = parseSources(files);
  assert.equal(documents.length, limits.documents);
  assert.deepEqual(
    problems.map(({ path, code }) => `${path} ${code}`),
    ["f2.yaml too-many-documents"],
  );
});

/** Each of these is small and would grow, recurse or compare without end in a careless reader. */
const bombs: readonly (readonly [string, string, string])[] = [
  ["a billion laughs", bomb(9), "alias"],
  ["many aliases", `a: &a x\nb: [${"*a, ".repeat(101)}]\n`, "alias"],
  ["brackets without end", "[".repeat(150_000), "too-deep"],
  ["nested lists in one line", "- ".repeat(100_000), "too-deep"],
  ["nested mappings", "{a: ".repeat(60_000), "too-deep"],
  ["a million items", `[${"1,".repeat(450_000)}]`, "too-many-values"],
  ["closing brackets", "]".repeat(100_000), "yaml"],
  ["commas", `[${",".repeat(100_000)}`, "yaml"],
  ["sixty thousand keys", Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join("\n"), "unknown-field"],
];

function bomb(levels: number): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < levels; level++) {
    const alias = `*a${level - 1}`;
    lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => alias).join(", ")}]`);
  }
  return `${lines.join("\n")}\n`;
}

for (const [title, text, code] of bombs) {
  test(`${title} ends quickly and in bounded memory`, () => {
    const heapBefore = process.memoryUsage().heapUsed;
    const started = performance.now();
    const { problems } = parseSources([{ path: "bomb.yaml", text }]);
    const elapsed = performance.now() - started;
    assert.ok(
      problems.some((problem) => problem.code === code),
      `codes: ${problems[0]?.code}`,
    );
    assert.ok(problems.length <= 1_001);
    assert.ok(elapsed < 15_000, `took ${elapsed} ms`);
    assert.ok(process.memoryUsage().heapUsed - heapBefore < 1024 * 1024 * 1024);
  });
}

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        ..."kind: |Window\n|---\n|spec: |metadata: { name: a }\n|  |{|}|[|]|, |: |- |? |&a |*a |!!str |\"|'|#|\t|<<: |start: |2026-01-03T01:00\n|rrule: FREQ=|>|%YAML 1.1\n|\r|\uFEFF".split(
          "|",
        ),
        "|\n",
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join("")),
);

test("whatever the text is, reading it never throws and every problem has a place in it", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const lines = text.split("\n").length;
      for (const problem of checkSources([{ path: "f.yaml", text }]).problems) {
        assert.equal(problem.path, "f.yaml");
        assert.ok(problem.line >= 1 && problem.line <= lines, `line ${problem.line} of ${lines}`);
        assert.ok(problem.column >= 1 && problem.column <= text.length + 1);
        assert.ok(problem.message.length > 0 && problem.message.length < 20_000);
        assert.ok(problem.remedy.length > 0);
      }
    }),
    { numRuns: 2_000 },
  );
});
