import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { z } from "zod";

const root = path.resolve(import.meta.dirname, "../..");
const tutorial = path.join(root, "docs/tutorial/policies");

function policyTest(folder: string, ...flags: readonly string[]): { status: number | null; out: string; talk: string } {
  const command = [path.join(root, "src/main/tidegate.ts"), "policy", "test", folder, ...flags];
  const ran = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...command], { encoding: "utf8" });
  return { status: ran.status, out: ran.stdout, talk: ran.stderr };
}

/** A copy of the tutorial with one file as the test wants it. */
function withFile(name: string, change: (text: string) => string, body: (folder: string) => void): void {
  const folder = mkdtempSync(path.join(tmpdir(), "tidegate-cases-"));
  try {
    cpSync(tutorial, folder, { recursive: true });
    const file = path.join(folder, name);
    writeFileSync(file, change(readFileSync(file, "utf8")));
    body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("cases that pass end with 0, and the coverage is shown", () => {
  const { status, out, talk } = policyTest(tutorial);
  assert.equal(status, 0, talk);
  assert.match(out, /^pass {2}coverage-under-the-bar {2}\(deny\)$/m);
  assert.match(out, /^Policies with a case: 2 of 2$/m);
  assert.match(talk, /6 cases, 6 passed, 0 failed/);
});

test("a case that fails ends with 1 and says what was expected and what came", () => {
  withFile(
    "policies.yaml",
    (text) => text.replace("min: 80", "min: 78"),
    (folder) => {
      const { status, out } = policyTest(folder, "-o", "json");
      assert.equal(status, 1);
      const report = z.object({ failed: z.int(), cases: z.array(z.object({ failures: z.array(z.string()) })) });
      const { failed, cases } = report.parse(JSON.parse(out));
      assert.ok(failed > 0);
      assert.match(cases[0]?.failures[0] ?? "", /verdict: expected deny, got allow/);
    },
  );
});

test("a folder without cases, and one with an error, test nothing and end with 1", () => {
  withFile(
    "cases.yaml",
    () => "",
    (folder) => {
      const { status, talk } = policyTest(folder);
      assert.equal(status, 1);
      assert.match(talk, /holds no case, so nothing was tested/);
    },
  );
  withFile(
    "policies.yaml",
    (text) => text.replace("min: 75", "min: 69"),
    (folder) => {
      const { status, talk } = policyTest(folder);
      assert.equal(status, 1);
      assert.match(talk, /policies\.yaml:\d+:\d+: error: .*outside-bounds/);
    },
  );
});
