import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { serverUser } from "#runtime/postgres/platform.ts";

/** Debian's PostgreSQL 15, the oldest server the product promises to run on. */
const bin = "/usr/lib/postgresql/15/bin";
const missing = existsSync(path.join(bin, "postgres")) ? false : "not run: PostgreSQL 15 is not installed";
const root = path.resolve(import.meta.dirname, "../..");

/** Store, migrations and the durable engine: everything that speaks SQL. */
const suites = ["src/store/*.db.test.ts", "test/store/*.db.test.ts", "test/engine/dbos.db.test.ts"];

interface Server {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function startServer(): Promise<Server> {
  const user = serverUser();
  const identity = user === null ? {} : { uid: user.uid, gid: user.gid };
  const folder = mkdtempSync(path.join(tmpdir(), "tg15-"));
  chmodSync(folder, 0o777);
  const data = path.join(folder, "data");
  const initialised = spawnSync(
    path.join(bin, "initdb"),
    ["-D", data, "-U", "tidegate", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"],
    { ...identity, cwd: folder },
  );
  assert.equal(initialised.status, 0, initialised.stderr.toString());
  const args = [
    "-D",
    data,
    "-c",
    "listen_addresses=",
    "-c",
    `unix_socket_directories=${folder}`,
    "-c",
    "max_connections=400",
  ];
  const server = spawn(path.join(bin, "postgres"), args, {
    ...identity,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  await new Promise<void>((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`PostgreSQL 15 ended with ${code ?? "a signal"}`)));
    server.stderr.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("ready to accept connections")) resolve();
    });
  });
  return {
    url: `postgresql://tidegate@localhost:5432/postgres?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Without the mark of the running test: the inner run is one of its own. */
function environment(url: string): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _outer, ...rest } = process.env;
  return { ...rest, TEST_DATABASE_URL: url };
}

test("store, migrations and engine pass the same tests on PostgreSQL 15", { skip: missing }, async () => {
  const server = await startServer();
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
