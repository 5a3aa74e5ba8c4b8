import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { addProgram, bringUp, openAgent, proxyOf, send, until, type AgentBench } from "#test/agent/bench.ts";

const target = { environment: "staging", service: "payment" };

async function bench(t: TestContext, services: readonly string[] = ["payment"]): Promise<AgentBench> {
  const opened = await openAgent();
  t.after(() => opened.close());
  await bringUp(opened, services);
  return opened;
}

async function versionOf(opened: AgentBench, service: string, version: string) {
  const { services } = await opened.inventory();
  const found = services.find((each) => each.service === service)?.versions.find((each) => each.version === version);
  if (found === undefined) throw new Error(`${service} ${version}`);
  return found;
}

async function startSecond(opened: AgentBench): Promise<void> {
  const digest = opened.digestOf("payment", "1.1.0");
  const started = await opened.deployer.startVersion(
    { ...target, version: "1.1.0", digest },
    { key: "second", fence: 1 },
  );
  assert.equal(started.ok && started.value.state, "ready");
}

test("An agent that was killed takes its processes over: same pids, same weights, same ledger", async (t) => {
  const opened = await bench(t);
  await startSecond(opened);
  const shift = { ...target, version: "1.1.0", control: "1.0.0", percent: 20 };
  const first = await opened.deployer.shift(shift, { key: "to-20", fence: 5 });
  const before = [await versionOf(opened, "payment", "1.0.0"), await versionOf(opened, "payment", "1.1.0")];
  const ledger = await opened.ledger();
  const proxy = await proxyOf(opened, "payment");
  await opened.kill();
  assert.equal((await send(`${proxy}/livez`)).status, 0);
  await opened.start();
  assert.deepEqual([await versionOf(opened, "payment", "1.0.0"), await versionOf(opened, "payment", "1.1.0")], before);
  assert.deepEqual(await opened.ledger(), ledger);
  const seen = await Promise.all(Array.from({ length: 500 }, () => send(`${proxy}/livez`)));
  assert.equal(seen.filter(({ status }) => status !== 200).length, 0);
  assert.equal(seen.filter(({ version }) => version === "1.1.0").length, 100);
  assert.deepEqual(await opened.deployer.shift(shift, { key: "to-20", fence: 5 }), first);
  const stale = await opened.deployer.shift({ ...shift, percent: 50 }, { key: "late", fence: 4 });
  assert.equal(!stale.ok && stale.error.code, "stale-fence");
});

test("A process that ended while the agent was away is started again and serves its share", async (t) => {
  const opened = await bench(t);
  const { pid } = await versionOf(opened, "payment", "1.0.0");
  const proxy = await proxyOf(opened, "payment");
  await opened.kill();
  assert.ok(pid !== null);
  process.kill(pid, "SIGKILL");
  await opened.start();
  await until("a new process", async () => {
    const now = await versionOf(opened, "payment", "1.0.0");
    return now.state === "ready" && now.pid !== pid;
  });
  assert.equal((await send(`${proxy}/livez`)).status, 200);
});

test("An agent that ends its processes with itself starts them again at their weights", async (t) => {
  const opened = await bench(t);
  const { pid } = await versionOf(opened, "payment", "1.0.0");
  const proxy = await proxyOf(opened, "payment");
  await opened.stop();
  assert.ok(pid !== null);
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  await opened.start();
  await until("the processes to be back", async () => {
    const now = await versionOf(opened, "payment", "1.0.0");
    return now.state === "ready" && now.percent === 100;
  });
  assert.equal((await send(`${proxy}/livez`)).status, 200);
});

test("A pid that belongs to somebody else by now is neither taken over nor ended", async (t) => {
  const opened = await bench(t);
  const { pid } = await versionOf(opened, "payment", "1.0.0");
  await opened.kill();
  assert.ok(pid !== null);
  process.kill(pid, "SIGKILL");
  const file = join(opened.folder, "state", "state.json");
  const state = JSON.parse(readFileSync(file, "utf8"));
  // The test's own process stands in for whoever was given the pid.
  state.processes[0].pid = process.pid;
  writeFileSync(file, JSON.stringify(state));
  await opened.start();
  await until("a process of its own", async () => {
    const now = await versionOf(opened, "payment", "1.0.0");
    return now.state === "ready" && now.pid !== process.pid;
  });
});

test("A start that the agent did not survive is finished, not repeated, when its key comes again", async (t) => {
  const opened = await bench(t, []);
  const slow = `import { ok, serve } from "./kit.ts";\nserve({ "GET /x": () => ok({}) }, () => performance.now() > 1500);\n`;
  const digest = addProgram(opened, "payment", "2.0.0", slow);
  const start = { ...target, version: "2.0.0", digest };
  const command = { key: "slow-start", fence: 1 };
  const cut = opened.deployer.startVersion(start, command);
  await until("the process is there", async () => {
    const { services } = await opened.inventory();
    const [found] = services.find((each) => each.service === "payment")?.versions ?? [];
    return found?.pid !== undefined && found.pid !== null;
  });
  const { pid } = await versionOf(opened, "payment", "2.0.0");
  await opened.kill();
  const lost = await cut;
  assert.equal(!lost.ok && lost.error.retry, "later");
  await opened.start();
  const again = await opened.deployer.startVersion(start, command);
  assert.equal(again.ok && again.value.state, "ready");
  assert.equal((await versionOf(opened, "payment", "2.0.0")).pid, pid);
  assert.deepEqual(
    (await opened.ledger()).map(({ outcome }) => outcome),
    ["applied"],
  );
});

test("A version that crashes comes back on its own, and is given up when it crashes again and again", async (t) => {
  const opened = await bench(t);
  const first = await versionOf(opened, "payment", "1.0.0");
  assert.ok(first.pid !== null);
  process.kill(first.pid, "SIGKILL");
  await until("it is back", async () => {
    const now = await versionOf(opened, "payment", "1.0.0");
    return now.state === "ready" && now.pid !== first.pid;
  });
  const source = `import { ok, serve } from "./kit.ts";\nserve({ "GET /x": () => ok({}) });\nsetTimeout(() => process.exit(3), 150);\n`;
  const digest = addProgram(opened, "payment", "2.0.0", source);
  await opened.deployer.startVersion({ ...target, version: "2.0.0", digest }, { key: "crashing", fence: 1 });
  await until("it is given up", async () => (await versionOf(opened, "payment", "2.0.0")).state === "failed", 30_000);
  assert.match((await versionOf(opened, "payment", "2.0.0")).reason ?? "", /ended|exit code 3/);
});

test("A program that was changed after it was sealed is not started", async (t) => {
  const opened = await bench(t);
  appendFileSync(join(opened.folder, "fleet", "payment.ts"), "// one line more\n");
  const digest = opened.digestOf("payment", "1.1.0");
  const started = await opened.deployer.startVersion({ ...target, version: "1.1.0", digest }, { key: "x", fence: 1 });
  assert.equal(!started.ok && started.error.code, "digest-mismatch");
  const { services } = await opened.inventory();
  assert.equal(services.find((each) => each.service === "payment")?.versions.length, 1);
});

test("Requests in flight are finished before a version is ended, and none is lost while it goes", async (t) => {
  const opened = await bench(t);
  const source = `import { ok, pause, serve } from "./kit.ts";\nserve({ "GET /slow": async () => { await pause(700); return ok({ slow: true }); } });\n`;
  const digest = addProgram(opened, "payment", "2.0.0", source);
  await opened.deployer.startVersion({ ...target, version: "2.0.0", digest }, { key: "a", fence: 1 });
  const shift = { ...target, version: "2.0.0", control: "1.0.0", percent: 100 };
  await opened.deployer.shift(shift, { key: "b", fence: 1 });
  const proxy = await proxyOf(opened, "payment");
  const slow = Array.from({ length: 10 }, () => send(`${proxy}/slow`));
  await delay(200);
  await opened.deployer.shift({ ...shift, percent: 0 }, { key: "c", fence: 1 });
  const stopping = opened.deployer.stopVersion({ ...target, version: "2.0.0" }, { key: "d", fence: 1 });
  const quick = [];
  for (let nth = 0; nth < 200; nth += 1) quick.push((await send(`${proxy}/livez`)).status);
  assert.ok(quick.every((status) => status === 200));
  for (const answer of await Promise.all(slow)) assert.deepEqual(answer.body, { slow: true });
  const stopped = await stopping;
  assert.ok(stopped.ok);
  assert.equal((await versionOf(opened, "payment", "2.0.0")).pid, null);
});

test("The interface refuses strangers, other hosts, large bodies and what is not in the contract", async (t) => {
  const opened = await bench(t, []);
  const place = "/v1/environments/staging/services/payment";
  const weights = { key: "k", fence: 1, weights: { "1.0.0": 100 } };
  const digest = opened.digestOf("payment", "1.0.0");
  for (const [status, code, answer] of [
    [401, "unauthorized", await send(`${opened.url}/v1/inventory`)],
    [401, "unauthorized", await opened.call("GET", place, undefined, { authorization: "Bearer wrong" })],
    [421, "wrong-host", await opened.call("GET", place, undefined, { host: "evil.example" })],
    [413, "too-large", await opened.call("POST", `${place}/weights`, { ...weights, key: "k".repeat(70_000) })],
    [400, "bad-request", await opened.call("POST", `${place}/weights`, "{not json")],
    [400, "bad-request", await opened.call("POST", `${place}/weights`, { ...weights, more: 1 })],
    [400, "bad-request", await opened.call("POST", `${place}/weights`, { ...weights, fence: -1 })],
    [400, "bad-request", await opened.call("POST", `${place}/weights`, { ...weights, weights: { a: 60, b: 30 } })],
    [404, "unknown-version", await opened.call("POST", `${place}/weights`, weights)],
    [404, "unknown-service", await opened.call("GET", "/v1/environments/prod/services/payment")],
    [
      422,
      "no-such-program",
      await opened.call("POST", `${place}/versions`, { key: "k", fence: 1, version: "../x", digest }),
    ],
    [404, "no-such-route", await opened.call("DELETE", place)],
  ] as const) {
    assert.equal(answer.status, status, JSON.stringify(answer));
    assert.ok(typeof answer.body === "object" && answer.body !== null && "code" in answer.body);
    assert.equal(answer.body.code, code);
  }
  assert.equal((await send(`${opened.url}/livez`)).status, 200);
  assert.deepEqual(await opened.ledger(), []);
});

test("A second agent with the same configuration does not start and leaves the first alone", async (t) => {
  const opened = await bench(t);
  await assert.rejects(opened.start());
  assert.equal((await send(`${opened.url}/livez`)).status, 200);
});
