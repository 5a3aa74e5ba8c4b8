import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { z } from "zod";
import { answerOf, recorded } from "#test/support/deployments.ts";
import { environment, startInstallation, until, type Installation } from "#test/support/installation.ts";

/*
 * Runbooks as people run them: the command line against real processes, with another system that does what it is told
 * once per key, and processes that die in the middle.
 */

/** What the other system did: one entry per key, whatever was sent how often. */
const effects = new Map<string, { readonly path: string; sent: number }>();
const held = new Set<ServerResponse>();
let holds = new Set<string>();
let server: Server;
let on: Installation;

before(async () => {
  server = createServer((request, response) => {
    const key = String(request.headers["idempotency-key"] ?? "");
    const path = request.url ?? "";
    const known = effects.get(key) ?? { path, sent: 0 };
    known.sent++;
    effects.set(key, known);
    assert.match(String(request.headers["webhook-signature"] ?? ""), /^v1,/);
    request.resume();
    if (holds.has(path)) held.add(response);
    else response.writeHead(path.startsWith("/broken") ? 422 : 204).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const place = `127.0.0.1:${portOf(server)}`;
  on = await startInstallation({
    ordersPerSecond: 0,
    services: ["email"],
    stages: [{ percent: 100, minSeconds: 1, minRequests: 0 }],
    callbackAllow: place,
    documents: runbooks(`http://${place}`),
  });
  answerOf(await on.as("hana").createCallback({ body: { name: "ops", url: `http://${place}/` } }));
});
after(async () => {
  for (const response of held) response.destroy();
  server.close();
  await on[Symbol.asyncDispose]();
});

function portOf(listening: Server): number {
  const address: AddressInfo | string | null = listening.address();
  return z.object({ port: z.number() }).parse(address).port;
}

const back = "rollback: [{ name: look, timeout: PT1H, humanTask: { who: release-manager, instruction: Look. } }]";

function runbooks(url: string): string {
  return `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: switch-over }
spec:
  owner: reliability
  within: PT12H
  steps:
    - { name: drain, timeout: PT5M, http: { url: "${url}/drain" }, undo: { http: { url: "${url}/refill" } } }
    - { name: warn, timeout: PT5M, http: { url: "${url}/warn" }, irreversible: A letter is a letter. }
    - { name: mail, after: [drain], timeout: PT2H, subRelease: { service: email, version: 1.1.0, environment: ${environment} }, undo: { rollBack: { step: mail } } }
    - { name: sign, after: [mail, warn], timeout: PT2H, humanTask: { who: ines, instruction: Compare and sign., form: [{ name: balance, label: Balance, type: number }] } }
  ${back}
---
apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: doomed }
spec:
  owner: reliability
  within: PT12H
  steps:
    - { name: drain, timeout: PT5M, http: { url: "${url}/drain" }, undo: { http: { url: "${url}/refill" } } }
    - { name: break, after: [drain], timeout: PT5M, http: { url: "${url}/broken" }, undo: { http: { url: "${url}/mend" } } }
  ${back}
`;
}

const shown = z.looseObject({
  id: z.string(),
  state: z.string(),
  outcome: z.string().nullable(),
  steps: z.array(z.looseObject({ part: z.string(), name: z.string(), state: z.string() })),
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

test("A run outlives its worker and its server: each effect once at the target, the release live, the task answered", async () => {
  holds = new Set(["/drain"]);
  const id = await start("switch-over");
  await until("the call has arrived", async () => held.size > 0);
  await reaches(id, "forward/warn", "done");
  await on.kill("worker", "SIGKILL");
  holds = new Set();
  for (const response of held) response.destroy();
  await on.kill("api", "SIGKILL");
  await Promise.all([on.restart("api"), on.restart("worker")]);
  await reaches(id, "forward/mail", "running");
  const { steps } = await stateOf(id);
  assert.ok(
    steps.every(({ name, state }) => name !== "sign" || state === "pending"),
    "it waits for what it needs",
  );
  await reaches(id, "forward/sign", "running");
  assert.equal(await recorded(on, "email"), "1.1.0");
  const strange = await on.tidegate(
    "chen",
    "run",
    "answer",
    id,
    "sign",
    "--done",
    "--note",
    "x",
    "--field",
    "balance=1",
  );
  assert.equal(strange.code, 3, "chen is not asked");
  assert.match(strange.stderr, /asks ines/);
  const empty = await on.tidegate("ines", "run", "answer", id, "sign", "--done", "--note", "They are equal.");
  assert.match(empty.stderr, /"balance" is missing: Balance/);
  const answer = ["--done", "--note", "They are equal.", "--field", "balance=12"] as const;
  const signed = await on.tidegate("ines", "run", "answer", id, "sign", ...answer);
  assert.equal(signed.code, 0, signed.stderr);
  const ended = await stateOf(id);
  assert.equal(ended.state, "succeeded", ended.outcome ?? "");
  assert.deepEqual(
    new Map([...effects].map(([key, { path }]) => [key, path])),
    new Map([
      [`${id}:forward:drain`, "/drain"],
      [`${id}:forward:warn`, "/warn"],
    ]),
  );
  assert.ok((effects.get(`${id}:forward:drain`)?.sent ?? 0) >= 2, "it was sent again, under the same key");
});

test("A lasting failure is tried once, and what was done is undone; run show and the exit code tell", async () => {
  const id = await start("doomed");
  await reaches(id, "rollback/look", "running");
  const looked = await on.tidegate(
    "hana",
    "run",
    "answer",
    id,
    "look",
    "--part",
    "rollback",
    "--done",
    "--note",
    "It runs.",
  );
  assert.equal(looked.code, 0, looked.stderr);
  const told = await on.tidegate("hana", "run", "show", id, "--watch");
  assert.equal(told.code, 1);
  assert.match(told.stdout, /rolled-back/);
  assert.match(told.stdout, /break failed: .* answered 422/);
  const sent = [...effects]
    .filter(([key]) => key.startsWith(id))
    .map(([key, { path, sent: times }]) => [key.slice(id.length + 1), path, times]);
  assert.deepEqual(sent, [
    ["forward:drain", "/drain", 1],
    ["forward:break", "/broken", 1],
    ["undo:break", "/mend", 1],
    ["undo:drain", "/refill", 1],
  ]);
});

test("A run that somebody turns back takes its release along; the record names who", async () => {
  await on.setClock("2027-03-07T11:00:00Z");
  const id = await start("switch-over").catch(() => "");
  assert.notEqual(id, "");
  await reaches(id, "forward/drain", "done");
  const turned = await on.tidegate("hana", "run", "turn-back", id, "--reason", "The shop is on fire.");
  assert.equal(turned.code, 0, turned.stderr);
  assert.match(turned.stdout, /turned back by hana/);
  await reaches(id, "undo/drain", "done");
  const list = await on.tidegate("max", "run", "list");
  assert.match(list.stdout, /turning back/);
});
