import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { runJob, type Report } from "./test-job.ts";

const root = path.resolve(import.meta.dirname, "..");
const folder = mkdtempSync(path.join(tmpdir(), "tidegate-jobs-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const patienceMs = 60_000;

function write(name: string, body: string): string {
  const file = path.join(folder, `${name}.test.ts`);
  writeFileSync(file, `import { test } from "node:test";\n${body}\n`);
  return file;
}

function run(files: readonly string[], limitMs = patienceMs, lane: number | null = null): Promise<Report> {
  const output = path.join(folder, "output");
  mkdirSync(output, { recursive: true });
  return runJob({ title: "a job", files }, { root, output, limitMs, lane });
}

const countsOf = ({ passed, failed, skipped }: Report): readonly number[] => [passed, failed, skipped];

test("a job counts what passed, failed and was skipped, and says it without a sum of its own", async () => {
  const file = write(
    "mixed",
    `test("goes", () => {}); test("breaks", () => { throw new Error("on purpose"); }); test("waits", { skip: "not run" }, () => {});`,
  );
  const report = await run([file]);
  assert.deepEqual(countsOf(report), [1, 1, 1]);
  assert.match(report.text, /✔ goes[^]*✖ breaks[^]*on purpose/);
  assert.doesNotMatch(report.text, /ℹ (tests|pass|duration_ms) /);
});

test("several files are one job", async () => {
  const files = ["one", "two"].map((name) => write(name, `test("of ${name}", () => {});`));
  assert.deepEqual(countsOf(await run(files)), [2, 0, 0]);
});

for (const [title, body] of [
  ["dies after its tests", `test("goes", () => {}); process.once("exit", () => { process.exitCode = 3; });`],
  ["does not load", `import "./nowhere.ts";`],
  ["tests nothing", ""],
] as const) {
  test(`a file that ${title} has failed`, async () => {
    assert.equal((await run([write("broken", body)])).failed, 1);
  });
}

test("a file that hangs is ended at its limit, and may tidy up first", async () => {
  const file = write(
    "hanging",
    `process.once("SIGTERM", () => { console.log("tidied up"); process.exit(143); });
     test("goes", () => {}); test("hangs", () => new Promise(() => setInterval(() => {}, 1000)));`,
  );
  const report = await run([file], 6_000);
  assert.deepEqual([report.passed, report.failed], [1, 1]);
  assert.match(report.text, /^Ended, because it had not ended by itself after 6 s/);
  assert.match(report.text, /tidied up/);
});

test("a job in a lane knows which", async () => {
  const file = write("lane", `test(String(process.env["TIDEGATE_TEST_LANE"]), () => {});`);
  assert.match((await run([file], patienceMs, 1)).text, /✔ 1/);
});
