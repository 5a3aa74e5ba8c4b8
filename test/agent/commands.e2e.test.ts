import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { folderOf } from "#agent/command-files.ts";
import { openAgent, until, type AgentBench } from "#test/agent/bench.ts";
import { agentCommander } from "#connectors/agent/commander.ts";
import type { Commander, CommandState, CommandWork } from "#connectors/port.ts";

/*
 * Commands at a real agent, in processes of their own: what the configuration allows, once per key, over the end of the
 * agent, with limits on time and output.
 */

const target = { environment: "staging", service: "cart" };
const secret = "the-password-of-the-queue";
/** A slow machine takes long to start a process; nothing here waits for less than its state. */
const patienceMs = 60_000;

/** Writes one line per effect, so that a test can count them. */
const script = `
const { appendFileSync } = require("node:fs");
const [mode, file, value] = process.argv.slice(2);
appendFileSync(file, mode + " " + process.env.TIDEGATE_KEY + "\\n");
switch (mode) {
  case "say": console.log(JSON.stringify([value, Object.keys(process.env).toSorted()])); break;
  case "leak": console.log("the secret is " + process.env.QUEUE_PASSWORD); process.exit(3); break;
  case "flood": for (let n = 0; n < 400; n += 1) process.stdout.write("x".repeat(64 * 1024)); console.log("end " + process.env.QUEUE_PASSWORD); break;
  case "binary": process.stdout.write(Buffer.from(Array.from({ length: 10_000 }, (_, i) => i % 256))); break;
  case "later": process.exit(75); break;
  case "wait": setInterval(() => undefined, 1000); console.log("waiting"); break;
  case "stubborn": process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000); console.log("waiting"); break;
  case "finish": {
    const { existsSync } = require("node:fs");
    const timer = setInterval(() => { if (existsSync(file + ".go")) { console.log("went on"); clearInterval(timer); } }, 20);
    break;
  }
}
`;

let bench: AgentBench;
let commander: Commander;
let effects: string;
let commands = 0;

before(async () => {
  bench = await openAgent({
    settings: (folder) => {
      mkdirSync(join(folder, "tools"));
      writeFileSync(join(folder, "tools", "tool.cjs"), script);
      writeFileSync(join(folder, "queue-password"), `${secret}\n`, { mode: 0o600 });
      const command = (name: string, more: object = {}): object => ({
        name,
        program: process.execPath,
        args: [join(folder, "tools", "tool.cjs"), name, join(folder, "effects")],
        ...more,
      });
      const say = command("say");
      return {
        endWithinMs: 500,
        commands: [
          {
            ...say,
            args: [join(folder, "tools", "tool.cjs"), "say", join(folder, "effects"), { parameter: "queue" }],
            parameters: { queue: { type: "name" } },
          },
          command("leak", { secrets: { QUEUE_PASSWORD: "queue-password" } }),
          command("flood", { secrets: { QUEUE_PASSWORD: "queue-password" } }),
          command("binary"),
          command("later"),
          command("wait"),
          command("stubborn", { withinSeconds: 2 }),
          command("finish"),
          command("elsewhere", { environments: ["prod"] }),
          { name: "absent", program: "/nowhere/at-all" },
        ],
      };
    },
  });
  commander = agentCommander({ url: bench.url, token: bench.token });
  effects = join(bench.folder, "effects");
});
after(() => bench.close());

const newKey = (): string => `run_x:forward:${(commands += 1)}`;
const work = (name: string, given: Record<string, string | number> = {}): CommandWork => ({
  kind: "command",
  name,
  arguments: given,
});

async function begin(name: string, key = newKey(), given: Record<string, string | number> = {}): Promise<CommandState> {
  const begun = await commander.run({ ...target, work: work(name, given), withinSeconds: 600 }, { key, fence: 5 });
  assert.ok(begun.ok, JSON.stringify(begun));
  return begun.value;
}

async function endOf(key: string): Promise<CommandState> {
  let seen: CommandState | null = null;
  await until(
    `${key} has ended`,
    async () => {
      const looked = await commander.look(target, key);
      if (looked.ok) seen = looked.value;
      return looked.ok && looked.value.state !== "running";
    },
    patienceMs,
  );
  assert.ok(seen !== null);
  return seen;
}

const effectsOf = (key: string): number =>
  existsSync(effects)
    ? readFileSync(effects, "utf8")
        .split("\n")
        .filter((line) => line.endsWith(` ${key}`)).length
    : 0;

test("A command gets its values in their places and none of the agent's environment, and runs once per key", async () => {
  const key = newKey();
  await begin("say", key, { queue: "orders" });
  const ended = await endOf(key);
  assert.deepEqual([ended.state, ended.exitCode], ["done", 0]);
  const [value, variables] = JSON.parse(ended.output.text);
  assert.equal(value, "orders");
  assert.deepEqual(variables, [
    "INSTANCE",
    "LANG",
    "PATH",
    "TIDEGATE_ENVIRONMENT",
    "TIDEGATE_FENCE",
    "TIDEGATE_KEY",
    "TIDEGATE_SERVICE",
  ]);
  assert.equal((await begin("say", key, { queue: "orders" })).state, "done", "the same answer again");
  assert.equal(effectsOf(key), 1);
});

for (const [title, name, given, code] of [
  ["A value that looks like an option", "say", { queue: "--force" }, "bad-argument"],
  ["A value with a blank", "say", { queue: "a b" }, "bad-argument"],
  ["A value with a shell in it", "say", { queue: "a;reboot" }, "bad-argument"],
  ["A path upwards", "say", { queue: "a/../../etc" }, "bad-argument"],
  ["A parameter too many", "say", { queue: "a", more: "b" }, "bad-argument"],
  ["A parameter like a property of every object", "say", { constructor: "a" }, "bad-argument"],
  ["A parameter too few", "say", {}, "bad-argument"],
  ["A command that nobody allowed", "rm", {}, "unknown-command"],
  ["A command of another environment", "elsewhere", {}, "unknown-command"],
] as const) {
  test(`${title} is refused, and nothing runs`, async () => {
    const key = newKey();
    const command = { key, fence: 5 };
    const refused = await commander.run({ ...target, work: work(name, given), withinSeconds: 600 }, command);
    assert.equal(!refused.ok && refused.error.code, code);
    assert.equal(!refused.ok && refused.error.retry, "never");
    assert.equal(effectsOf(key), 0);
  });
}

test("Secrets reach the command and never its output, nor the disk of the agent", async () => {
  const key = newKey();
  await begin("leak", key);
  const ended = await endOf(key);
  assert.deepEqual([ended.state, ended.exitCode, ended.output.text], ["failed", 3, "the secret is [redacted]\n"]);
  const folder = folderOfKey(key);
  for (const file of readdirSync(folder)) assert.ok(!readFileSync(join(folder, file), "utf8").includes(secret), file);
});

test("A flood is read to its end, and its beginning and end are kept, without the secret at the very end", async () => {
  const key = newKey();
  await begin("flood", key);
  const { output } = await endOf(key);
  assert.ok(output.isCut && output.bytes > 400 * 64 * 1024);
  assert.ok(output.text.length < 17_000);
  assert.match(output.text, /^x+\n\[\.\.\. cut \.\.\.\]\nx+end \[redacted\]\n$/);
});

test("Bytes that are no text are counted and not shown", async () => {
  const key = newKey();
  await begin("binary", key);
  assert.deepEqual((await endOf(key)).output, { text: "(binary, not shown)", bytes: 10_000, isCut: false });
});

test("An exit code that says later is told as passing; a program that is not there fails with its reason", async () => {
  const [later, absent] = [newKey(), newKey()];
  await begin("later", later);
  await begin("absent", absent);
  const passing = await endOf(later);
  assert.deepEqual([passing.state, passing.exitCode, passing.isPassing], ["failed", 75, true]);
  const gone = await endOf(absent);
  assert.deepEqual([gone.state, gone.exitCode, gone.isPassing], ["failed", null, false]);
  assert.match(gone.output.text, /ENOENT/);
});

test("A cancelled command ends with its group; one that does not listen is killed at its time-out", async () => {
  const [waiting, stubborn] = [newKey(), newKey()];
  await begin("wait", waiting);
  await begin("stubborn", stubborn);
  await until("it is under way", async () => effectsOf(waiting) === 1, patienceMs);
  const stale = await commander.cancel(target, { key: waiting, fence: 4 });
  assert.equal(!stale.ok && stale.error.code, "stale-fence");
  const told = await commander.cancel(target, { key: waiting, fence: 5 });
  assert.ok(told.ok);
  assert.equal((await endOf(waiting)).state, "cancelled");
  assert.equal((await endOf(stubborn)).state, "timed-out");
});

test("A command goes on when its agent is killed, and the next agent tells how it ended: one effect", async () => {
  const key = newKey();
  await begin("finish", key);
  await until("it is under way", async () => effectsOf(key) === 1, patienceMs);
  await bench.kill();
  await bench.start();
  const again = await begin("finish", key);
  assert.equal(again.state, "running");
  writeFileSync(`${effects}.go`, "");
  const ended = await endOf(key);
  assert.deepEqual([ended.state, ended.output.text, effectsOf(key)], ["done", "went on\n", 1]);
});

test("A command whose runner is killed is lost, its processes end, and it is not run again", async () => {
  const key = newKey();
  await begin("wait", key);
  await until("it is under way", async () => (await begin("wait", key)).output.text === "waiting\n", patienceMs);
  const progress = JSON.parse(readFileSync(join(folderOfKey(key), "progress.json"), "utf8"));
  process.kill(progress.runnerPid, "SIGKILL");
  assert.equal((await endOf(key)).state, "lost");
  await until("its process has ended", async () => !isRunning(progress.childPid), patienceMs);
  assert.equal((await begin("wait", key)).state, "lost");
  assert.equal(effectsOf(key), 1);
});

test("A command that an agent had only written down is begun by the next one that is asked about it, once", async () => {
  const [like, key] = [newKey(), newKey()];
  await begin("later", like);
  await endOf(like);
  const [from, to] = [folderOfKey(like), folderOfKey(key)];
  mkdirSync(to, { mode: 0o700 });
  for (const file of ["request.json", "start.json"]) {
    writeFileSync(join(to, file), readFileSync(join(from, file), "utf8").replaceAll(like, key).replaceAll(from, to));
  }
  assert.equal((await endOf(key)).exitCode, 75);
  assert.equal(effectsOf(key), 1);
});

test("A lower number than the environment has seen is refused, for commands and for effects alike", async () => {
  const higher = await commander.run(
    { ...target, work: work("later"), withinSeconds: 60 },
    { key: newKey(), fence: 9 },
  );
  assert.ok(higher.ok);
  const late = await commander.run({ ...target, work: work("later"), withinSeconds: 60 }, { key: newKey(), fence: 8 });
  assert.equal(!late.ok && late.error.code, "stale-fence");
  const digest = bench.digestOf("cart", "1.0.0");
  const effect = await bench.deployer.startVersion(
    { ...target, version: "1.0.0", digest },
    { key: newKey(), fence: 8 },
  );
  assert.equal(!effect.ok && effect.error.code, "stale-fence");
});

test("The same key for something else is refused", async () => {
  const key = newKey();
  const first = await commander.run({ ...target, work: work("later"), withinSeconds: 60 }, { key, fence: 9 });
  assert.ok(first.ok);
  const other = await commander.run({ ...target, work: work("wait"), withinSeconds: 60 }, { key, fence: 9 });
  assert.equal(!other.ok && other.error.code, "key-conflict");
});

function folderOfKey(key: string): string {
  return folderOf(join(bench.folder, "state"), key);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
