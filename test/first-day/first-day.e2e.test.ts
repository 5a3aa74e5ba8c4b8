import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { freePorts } from "#test/support/free-ports.ts";

/* The first day, as docs/operations/install.md writes it, below folders that do not exist yet and under a strict umask. */

const root = path.resolve(import.meta.dirname, "../..");
const home = mkdtempSync(path.join(tmpdir(), "tidegate-first-day-"));
const stateDir = path.join(home, "lib", "tidegate");
const port = await freePorts(1);
const env = {
  PATH: process.env["PATH"] ?? "",
  HOME: home,
  TIDEGATE_SERVER: `http://127.0.0.1:${port}`,
  TIDEGATE_LOG: "warn",
};

interface Running {
  readonly printed: () => string;
  readonly end: () => Promise<void>;
}
let running: Running | null = null;

before(async () => {
  // Others pass here, as they do in /var/lib; everything below is made by the product.
  chmodSync(home, 0o711);
  running = await startEmpty();
});
after(async () => {
  await running?.end();
  rmSync(home, { recursive: true, force: true });
});

/** `npm start -- --empty` without the installation. */
async function startEmpty(): Promise<Running> {
  const args = ["--disable-warning=ExperimentalWarning", "tools/start.ts", "--empty"];
  const settings = { ...env, TIDEGATE_STATE_DIR: stateDir, TIDEGATE_PORT: String(port) };
  const script = `umask 077; exec "$0" "$@"`;
  const child = spawn("sh", ["-c", script, process.execPath, ...args], { cwd: root, env: settings });
  let text = "";
  const told = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("A token:")) told.resolve();
    });
  }
  const gone = once(child, "exit");
  await Promise.race([told.promise, gone]);
  assert.match(text, /A token:/);
  return {
    printed: () => text,
    end: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await gone;
    },
  };
}

function tidegate(args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const program = ["--disable-warning=ExperimentalWarning", path.join(root, "src/main/tidegate.ts"), ...args];
  return spawnSync(process.execPath, program, { cwd: root, env: { ...env, ...more }, encoding: "utf8" });
}

test("The command that the start prints issues the first token, and with it the first configuration is applied", () => {
  const [, command] = /A token: \.\/bin\/tidegate (.+)/.exec(running?.printed() ?? "") ?? [];
  assert.equal(command, `issue-token --account bootstrap --state-dir ${stateDir}`);
  const issued = tidegate(command.split(" "));
  assert.equal(issued.status, 0, issued.stderr);
  const applied = tidegate(["apply", "-f", "examples/boutique"], { TIDEGATE_TOKEN: issued.stdout.trim() });
  assert.equal(applied.status, 0, applied.stderr);
  const lena = tidegate(["issue-token", "--account", "lena", "--hours", "24"], { TIDEGATE_STATE_DIR: stateDir });
  assert.equal(lena.status, 0, lena.stderr);
  const who = tidegate(["whoami"], { TIDEGATE_TOKEN: lena.stdout.trim() });
  assert.match(who.stdout, /lena/);
});

test("issue-token makes no database where none is, and names one that is near", () => {
  const nearby = tidegate(["issue-token", "--account", "bootstrap", "--state-dir", path.dirname(stateDir)]);
  assert.equal(nearby.status, 2);
  assert.ok(nearby.stderr.includes(`There is one with --state-dir ${stateDir}.`), nearby.stderr);
  const wrong = path.join(home, "elsewhere");
  assert.equal(tidegate(["issue-token", "--account", "bootstrap", "--state-dir", wrong]).status, 2);
  assert.ok(!existsSync(wrong));
});

test("issue-token works while the server is down, and leaves the database as it was: not running", async () => {
  await running?.end();
  const issued = tidegate(["issue-token", "--account", "lena", "--state-dir", stateDir]);
  assert.equal(issued.status, 0, issued.stderr);
  assert.equal(existsSync(path.join(stateDir, "postgres/cluster/data/postmaster.pid")), false);
});

test("The page that tells of the first day has these very commands", () => {
  const page = readFileSync(path.join(root, "docs/operations/install.md"), "utf8");
  assert.match(page, /issue-token --account bootstrap/);
  assert.match(page, /apply -f examples\/boutique/);
});
