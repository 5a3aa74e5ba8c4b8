import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { z } from "zod";
import { answerOf, recorded } from "#test/support/deployments.ts";
import { environment, startInstallation, until, type Installation } from "#test/support/installation.ts";

/*
 * Steps at targets as people run them: server, worker and agent as processes of their own, some of which die in the
 * middle. The command tells in a file what it did, once per effect.
 */

const script = `
const { appendFileSync, existsSync } = require("node:fs");
const [file, queue] = process.argv.slice(2);
appendFileSync(file, process.env.TIDEGATE_KEY + " " + queue + "\\n");
console.log("draining " + queue + " with ghp_" + "a".repeat(36));
const timer = setInterval(() => {
  if (existsSync(file + ".fail")) { console.log("no such queue"); process.exit(3); }
  if (existsSync(file + ".go")) { console.log("drained"); clearInterval(timer); }
}, 20);
`;

const back = "rollback: [{ name: look, timeout: PT1H, humanTask: { who: release-manager, instruction: Look. } }]";
const mail = `service: email, environment: ${environment}`;
const documents = ["roll-out", "doomed"]
  .map(
    (name) => `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: ${name} }
spec:
  owner: reliability
  within: PT12H
  steps:
    - { name: start, timeout: PT5M, startVersion: { ${mail}, version: 1.1.0 } }
    - { name: check, after: [start], timeout: PT5M, smoke: { ${mail}, version: 1.1.0 } }
    - { name: half, after: [check], timeout: PT5M, shiftTraffic: { ${mail}, version: 1.1.0, percent: 50 } }
    - { name: drain, after: [half], timeout: PT30M, shell: { ${mail}, command: drain, arguments: { queue: mails } }, irreversible: It is drained. }
    - { name: all, after: [drain], timeout: PT5M, shiftTraffic: { ${mail}, version: 1.1.0, percent: 100 } }
    - { name: stop, after: [all], timeout: PT5M, stopVersion: { ${mail}, version: 1.0.0 }, irreversible: It can be started again. }
  ${back}
`,
  )
  .join("---\n");

let on: Installation;
let effects: string;

before(async () => {
  on = await startInstallation({
    ordersPerSecond: 0,
    services: ["email"],
    documents,
    agent: (folder) => {
      const tool = join(folder, "drain.cjs");
      writeFileSync(tool, script);
      const args = [tool, join(folder, "effects"), { parameter: "queue" }];
      const parameters = { queue: { type: "name" } };
      return { commands: [{ name: "drain", program: process.execPath, args, parameters }] };
    },
  });
  effects = join(on.folder, "effects");
});
after(() => on[Symbol.asyncDispose]());

const shown = z.looseObject({
  id: z.string(),
  state: z.string(),
  outcome: z.string().nullable(),
  steps: z.array(
    z.looseObject({ part: z.string(), name: z.string(), state: z.string(), outcome: z.string().nullable() }),
  ),
});

async function start(runbook: string): Promise<string> {
  const started = await on.tidegate("hana", "run", "start", runbook, "--reason", "As planned.", "-o", "json");
  assert.equal(started.code, 0, started.stderr);
  return shown.parse(JSON.parse(started.stdout)).id;
}

async function stateOf(id: string): Promise<z.infer<typeof shown>> {
  return shown.parse(answerOf(await on.as("hana").getRun({ params: { id } })));
}

async function reaches(id: string, step: string, state: string): Promise<void> {
  await until(`${step} is ${state}`, async () =>
    (await stateOf(id)).steps.some(({ part, name, state: now }) => `${part}/${name}` === step && now === state),
  );
}

const effectsOf = (): readonly string[] =>
  existsSync(effects) ? readFileSync(effects, "utf8").trim().split("\n") : [];

test("A step that fails gives the traffic back and stops the version, and its output says why, without secrets", async () => {
  const id = await start("doomed");
  await until("the command is under way", async () => effectsOf().length === 1);
  assert.deepEqual(await on.shares("email"), { "1.0.0": 50, "1.1.0": 50 });
  writeFileSync(`${effects}.fail`, "");
  await reaches(id, "undo/start", "done");
  assert.deepEqual(await on.shares("email"), { "1.0.0": 100 });
  assert.equal(await recorded(on, "email"), "1.0.0");
  // The environment stays the run's own until somebody has looked.
  const answer = ["--part", "rollback", "--done", "--note", "It runs."];
  const looked = await on.tidegate("hana", "run", "answer", id, "look", ...answer);
  assert.equal(looked.code, 0, looked.stderr);
  const told = await on.tidegate("hana", "run", "show", id);
  assert.match(
    told.stdout,
    /drain: drain ended with 3; its output says why\.\n {6}\| draining mails with \[redacted\]\n {6}\| no such queue/,
  );
});

test("A run outlives its worker and its agent in the middle of a command: one effect each, the version live", async () => {
  rmSync(`${effects}.fail`);
  const earlier = effectsOf().length;
  const id = await start("roll-out");
  await until("the command is under way", async () => effectsOf().length === earlier + 1);
  await on.kill("worker", "SIGKILL");
  await on.kill("agent", "SIGKILL");
  await Promise.all([on.restart("agent"), on.restart("worker")]);
  writeFileSync(`${effects}.go`, "");
  await reaches(id, "forward/stop", "done");
  const ended = await stateOf(id);
  assert.equal(ended.state, "succeeded", ended.outcome ?? "");
  assert.deepEqual(effectsOf().slice(earlier), [`${id}:forward:drain mails`]);
  assert.deepEqual(await on.shares("email"), { "1.1.0": 100 });
  assert.equal(await recorded(on, "email"), "1.1.0");
  const applied = (await on.ledger()).filter(({ key, outcome }) => key.startsWith(id) && outcome === "applied");
  assert.deepEqual(
    applied.map(({ key }) => key.slice(id.length + 1)),
    ["forward:start", "forward:half", "forward:all", "forward:stop"],
  );
});
