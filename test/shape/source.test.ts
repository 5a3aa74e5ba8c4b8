import assert from "node:assert/strict";
import { test } from "node:test";
import { filesLike, linesLike, textOf } from "./tracked.ts";

const code = /\.(ts|tsx|mjs)$/;
const own = /^test\/shape\//;
const all = filesLike(code).filter((file) => !own.test(file));
const tests = all.filter((file) => /^(test|bench|sim|tools)\/|\.test\.ts$/.test(file));
const sources = all.filter((file) => file.startsWith("src/") && !file.endsWith(".test.ts"));

test("no file is longer than 400 lines, no test than 600", () => {
  const limitOf = (file: string): number => (tests.includes(file) ? 600 : 400);
  const long = all
    .map((file) => ({ file, lines: textOf(file).split("\n").length - 1 }))
    .filter(({ file, lines }) => lines > limitOf(file));
  assert.deepEqual(long, []);
});

test("nothing is of the type any, and no error is hidden from the compiler", () => {
  assert.deepEqual(linesLike(all, /(?::|\bas|<|\|)\s*any\b(?=\s*[;,)>=\]|]|$)/), []);
  assert.deepEqual(linesLike(all, /@ts-(ignore|nocheck)/), []);
});

test("an error that a test expects of the compiler, and a lint rule that is switched off, say why", () => {
  assert.deepEqual(linesLike(all, /@ts-expect-error(?!: \S)/), []);
  const silent = /(ox|es)lint-disable(?!.* -- \S)/;
  const unexplained = all.flatMap((file) =>
    textOf(file)
      .split("\n")
      .flatMap((line, at, lines) =>
        silent.test(line) && !/^\s*(\/\/|\/?\*)/.test(lines[at - 1] ?? "") ? [`${file}:${at + 1}`] : [],
      ),
  );
  assert.deepEqual(unexplained, []);
});

test("nothing is left to do in a comment", () => {
  assert.deepEqual(
    linesLike(
      filesLike(/\.(ts|tsx|mjs|sql|css|yaml|md)$/).filter((file) => !own.test(file)),
      /\b(TODO|FIXME|XXX|HACK)\b/,
    ),
    [],
  );
});

test("no test is switched off without a reason, and none runs alone", () => {
  assert.deepEqual(linesLike(tests, /\bskip: true|\btodo: true|\.(skip|todo|only)\(|\bt\.(skip|todo)\(\)/), []);
});

test("only the command line, the wiring and the tools speak to a terminal", () => {
  const silent = sources.filter(
    (file) => !/^src\/(cli\/|main\/|agent\/(agent|main|migrate|digest-data)\.ts)/.test(file),
  );
  assert.deepEqual(linesLike(silent, /\bconsole\.\w+\(|process\.(stdout|stderr)\.write/), []);
});

test("only the clocks of server and browser read the time, and nothing draws numbers outside of the runtime", () => {
  const clocks = new Set(["src/runtime/clock.ts", "src/web/runtime/clock.ts"]);
  const others = sources.filter((file) => !clocks.has(file));
  assert.deepEqual(
    linesLike(others, /\bTemporal\.Now\b|\bnew Date\b|\bDate\.now\b|\bMath\.random\b|performance\.now\(/),
    [],
  );
});

test("every export is named: no default exports, no barrels", () => {
  assert.deepEqual(linesLike(sources, /^export (default|\*)/), []);
});

test("a test that needs a database or a process says so in its name", () => {
  const pure = all.filter((file) => file.endsWith(".test.ts") && !/\.(db|e2e)\.test\.ts$/.test(file));
  assert.deepEqual(linesLike(pure, /from "#test\/support\/(postgres|store)\.ts"/), []);
});
