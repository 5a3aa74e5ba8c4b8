import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { startEmbedded, type EmbeddedEvent, type EmbeddedServer } from "#runtime/postgres/embedded.ts";
import { isAlive, originalOf, readPostmaster, worksIn } from "#runtime/postgres/postmaster.ts";
import { checkSettings } from "#runtime/postgres/settings.ts";

let root: string;
let stateDir: string;

before(() => {
  root = mkdtempSync(join(tmpdir(), "embedded-"));
  // As root the server runs as `nobody`, which has to pass through here.
  if (process.getuid?.() === 0) process.umask(0o022);
  stateDir = join(tmpdir(), `tidegate-e2e-${process.pid}`);
});
after(() => {
  rmSync(root, { recursive: true, force: true });
  rmSync(stateDir, { recursive: true, force: true });
});

async function start(report?: (event: EmbeddedEvent) => void): Promise<EmbeddedServer> {
  const started = await startEmbedded({ stateDir, ...(report === undefined ? {} : { report }) });
  assert.ok(started.ok, started.ok ? "" : started.error.message);
  return started.value;
}

async function ask(server: EmbeddedServer, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: server.connectionString });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test("a fresh directory gives a server with safe settings, a private password and no network", async () => {
  const server = await start();
  assert.equal(server.adopted, false);
  const client = new Client({ connectionString: server.connectionString });
  await client.connect();
  const facts = await checkSettings(client);
  await client.end();
  assert.ok(facts.ok);
  assert.equal(facts.value.checksums, true);
  assert.deepEqual(await ask(server, "show listen_addresses"), [{ listen_addresses: "" }]);
  const locale = await ask(server, "select datlocprovider, datlocale from pg_database where datname = 'tidegate'");
  assert.deepEqual(locale, [{ datlocprovider: "b", datlocale: "C.UTF-8" }]);
  assert.equal(statSync(join(stateDir, "postgres", "cluster", "password")).mode & 0o777, 0o600);
  await server.stop();
  assert.equal(isAlive(server.pid), false);
});

test("a copy of the directory of a running server is refused, and the server is left alone", async () => {
  const server = await start();
  const copy = join(tmpdir(), `tidegate-e2e-copy-${process.pid}`);
  try {
    cpSync(stateDir, copy, { recursive: true, filter: (source) => !statSync(source).isSocket() });
    const started = await startEmbedded({ stateDir: copy });
    assert.ok(!started.ok && started.error.code === "copied");
    assert.match(started.error.message, new RegExp(`is a copy of ${stateDir}.*${server.pid}.*Restore a backup`));
    assert.deepEqual(await ask(server, "select 1 as one"), [{ one: 1 }]);
    await server.stop();
    // The original has ended: what was copied may be looked at, and is nobody's.
    assert.equal(originalOf(join(copy, "postgres", "cluster", "data")), null);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

test("a directory that is renamed under its server is its own", async () => {
  const server = await start();
  const data = join(stateDir, "postgres", "cluster", "data");
  const seen = readPostmaster(data);
  assert.ok(seen !== null);
  assert.equal(worksIn(data, { ...seen, dataDir: "/somewhere/else" }), process.platform === "linux");
  assert.equal(worksIn(tmpdir(), seen), false);
  await server.stop();
  assert.equal(worksIn(data, seen), false);
});

test("unsafe settings are refused with a sentence each", async () => {
  const started = await startEmbedded({ stateDir, settings: { fsync: "off", synchronous_commit: "off" } });
  assert.ok(started.ok);
  const client = new Client({ connectionString: started.value.connectionString });
  await client.connect();
  const facts = await checkSettings(client);
  await client.end();
  await started.value.stop();
  assert.ok(!facts.ok);
  assert.deepEqual(
    facts.error.map(({ setting, value }) => `${setting}=${value}`),
    ["fsync=off", "synchronous_commit=off"],
  );
  assert.match(facts.error[0]?.message ?? "", /fsync = off.*ALTER SYSTEM SET fsync = on/);
});

test("two processes that start together end with one server", async () => {
  const [one, two] = await Promise.all([start(), start()]);
  assert.equal(one.pid, two.pid);
  one.release();
  await two.stop();
});

test("a server whose parent was killed is adopted with everything it had acknowledged", async () => {
  const script = `
    import { startEmbedded } from "#runtime/postgres/embedded.ts";
    const started = await startEmbedded({ stateDir: ${JSON.stringify(stateDir)} });
    if (started.ok) process.stdout.write(String(started.value.pid));
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    cwd: new URL("../../../", import.meta.url),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [pid] = await once(parent.stdout, "data");
  parent.kill("SIGKILL");
  await once(parent, "exit");
  const server = await start();
  assert.equal(server.adopted, true);
  assert.equal(server.pid, Number(String(pid)));
  await server.stop();
});

test("a killed server comes back by itself and keeps what was committed", async () => {
  const events: EmbeddedEvent[] = [];
  const server = await start((event) => events.push(event));
  await ask(server, "create table if not exists kept as select 1 as one");
  const killed = server.pid;
  process.kill(killed, "SIGKILL");
  while (!events.some(({ kind }) => kind === "restarted")) await delay(20);
  assert.deepEqual(await ask(server, "select one from kept"), [{ one: 1 }]);
  assert.notEqual(server.pid, killed);
  await server.stop();
});

test("after a kill two supervisors restart one server, and the lock file stays its own", async () => {
  const servers = await Promise.all([start(), start()]);
  for (let round = 0; round < 4; round += 1) {
    const killed = servers[0].pid;
    process.kill(killed, "SIGKILL");
    while (servers.some(({ pid }) => pid === killed)) await delay(5);
    assert.equal(servers[0].pid, servers[1].pid);
    assert.equal(readPostmaster(join(stateDir, "postgres", "cluster", "data"))?.pid, servers[0].pid);
  }
  for (const server of servers) server.release();
  await servers[0].stop();
});

test("a long state directory gets its socket elsewhere, and the next start finds it", async () => {
  const long = join(stateDir, "x".repeat(90));
  const first = await startEmbedded({ stateDir: long });
  assert.ok(first.ok, first.ok ? "" : first.error.message);
  first.value.release();
  const second = await startEmbedded({ stateDir: long });
  assert.ok(second.ok);
  assert.equal(second.value.adopted, true);
  assert.equal(second.value.connectionString, first.value.connectionString);
  const socketDir = readFileSync(join(long, "postgres", "socket-directory"), "utf8");
  await second.value.stop();
  rmSync(socketDir, { recursive: true });
});

test(
  "root is told when the server's user cannot reach the state directory",
  { skip: process.getuid?.() !== 0 },
  async () => {
    const closed = join(root, "closed", "state");
    const started = await startEmbedded({ stateDir: closed });
    assert.ok(!started.ok);
    assert.equal(started.error.code, "directory-unreachable");
    assert.match(started.error.message, /which the user "nobody" may not enter/);
  },
);
