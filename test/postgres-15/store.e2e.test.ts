import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { missingPostgres15, startPostgres15 } from "#test/support/postgres-15.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Store, migrations and the durable engine: everything that speaks SQL. */
const suites = ["src/store/*.db.test.ts", "test/store/*.db.test.ts", "test/engine/dbos.db.test.ts"];

/** Without the mark of the running test: the inner run is one of its own. */
function environment(url: string): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _outer, ...rest } = process.env;
  return { ...rest, TEST_DATABASE_URL: url };
}

test("store, migrations and engine pass the same tests on PostgreSQL 15", { skip: missingPostgres15 }, async () => {
  const server = await startPostgres15();
  try {
    const files = suites.flatMap((pattern) => globSync(pattern, { cwd: root }));
    assert.ok(files.length > 5, "there is nothing to run");
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", "--test", "--test-concurrency=2", "--test-reporter=tap", ...files],
      {
        cwd: root,
        env: environment(server.url),
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(
      code,
      0,
      said
        .split("\n")
        .filter((line) => /^\s*not ok|error:/.test(line))
        .slice(0, 20)
        .join("\n"),
    );
    assert.match(said, /# fail 0/);
    assert.doesNotMatch(said, /# pass 0\b/);
  } finally {
    await server.stop();
  }
});
