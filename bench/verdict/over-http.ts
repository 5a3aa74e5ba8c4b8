import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { openDatabase } from "#main/database.ts";
import { systemClock } from "#runtime/clock.ts";
import { createLog } from "#runtime/log.ts";
import { secrets } from "#runtime/secrets.ts";
import { insertToken } from "#store/access.ts";
import { setClockShift } from "#store/clock.ts";
import { toTokenText } from "#usecases/access/token-text.ts";
import type { Pool } from "pg";
import type { World } from "#core/world/world.ts";
import { drawSubject, now, randomOf } from "./catalogue.ts";
import { fill } from "./fill.ts";
import { measureRejudge, type RejudgeFigures } from "./rejudge.ts";

/*
 * The product's own server as a process, on the embedded PostgreSQL with durable commits, over the catalogue in its
 * tables. Questions come at a fixed rate whatever the answers do, and each is timed from the instant at which it was
 * due: a queue shows. Client, server and database share the machine; the share of each is reported.
 */

export interface HttpOptions {
  readonly perSecond: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

export interface HttpFigures {
  readonly times: Float64Array;
  readonly errors: number;
  readonly cpu: CpuShares;
  /** Answers per second: below the rate of the questions where the server cannot keep up. */
  readonly perSecond: number;
  readonly factsReadMs: number;
  readonly fillMs: number;
  readonly bookings: number;
  readonly rejudged: RejudgeFigures;
}

/** Milliseconds of processor time per question, of all threads. */
export interface CpuShares {
  readonly client: number;
  readonly server: number;
  readonly database: number;
}

const openWork = 10_000;

const port = 27_311;
/** One account may call 100 times a second, so the load is that of many. */
const callers = 60;

export async function measureHttp(world: World, options: HttpOptions): Promise<HttpFigures> {
  const stateDir = mkdtempSync(path.join(tmpdir(), "tidegate-bench-"));
  // The database runs as somebody else when this runs as root.
  chmodSync(stateDir, 0o755);
  const log = createLog({ level: "silent" });
  const database = await openDatabase({ databaseUrl: null, stateDir, log });
  let server: ChildProcess | null = null;
  try {
    const begun = performance.now();
    const { bookings } = await fill(database.pool, world, now.subtract({ hours: 24 }));
    await setClockShift(database.pool, now.epochMilliseconds - systemClock.now().epochMilliseconds, "bench");
    const fillMs = performance.now() - begun;
    const tokens = await Promise.all(Array.from({ length: callers }, (_, n) => tokenOf(database.pool, `person-${n}`)));
    const rejudged = await measureRejudge(database.pool, world, openWork);
    const started = await startServer(stateDir);
    server = started.process;
    const measured = { server: started.process.pid ?? 0, database: postmasterOf(stateDir) };
    const figures = await load(measured, tokens, world, options);
    return { ...figures, rejudged, factsReadMs: started.factsReadMs, fillMs, bookings };
  } finally {
    if (server !== null) await end(server);
    await database.close("shut-down");
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function tokenOf(pool: Pool, person: string): Promise<string> {
  const id = secrets.newTokenId();
  const secret = secrets.make();
  const createdAt = systemClock.now();
  await insertToken(pool, {
    id,
    kind: "token",
    person,
    account: person,
    secretHash: secrets.hash(secret),
    label: "bench",
    parent: null,
    createdAt,
    expiresAt: createdAt.add({ hours: 1 }),
  });
  return toTokenText(id, secret);
}

const readyLine = "the facts of everything are in memory";
const startMs = 180_000;

/** The server of the product, role `api`; ready when it has read the facts of everything. */
async function startServer(
  stateDir: string,
): Promise<{ readonly process: ChildProcess; readonly factsReadMs: number }> {
  const args = ["--disable-warning=ExperimentalWarning", "src/main/tidegate.ts", "up", "--role", "api"];
  const flags = ["--state-dir", stateDir, "--port", String(port), "--settable-clock"];
  const server = spawn(process.execPath, [...args, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  const ready = Promise.withResolvers<number>();
  const said: string[] = [];
  createInterface({ input: server.stderr }).on("line", (line) => {
    said.push(line);
    if (line.includes(readyLine)) ready.resolve(Number(/"ms":(\d+)/.exec(line)?.[1] ?? Number.NaN));
  });
  server.once("exit", () => ready.reject(new Error(`the server ended: ${said.slice(-5).join("\n")}`)));
  const late = delay(startMs, undefined, { ref: false }).then(() => {
    throw new Error(`the server was not ready after ${startMs / 1000} s: ${said.slice(-5).join("\n")}`);
  });
  return { process: server, factsReadMs: await Promise.race([ready.promise, late]) };
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await gone;
}

type Load = Pick<HttpFigures, "times" | "errors" | "cpu" | "perSecond">;

async function load(measured: Measured, tokens: readonly string[], world: World, options: HttpOptions): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const random = randomOf(31);
  const environments = [...world.organisation.environments.values()];
  const ask = (n: number): Promise<boolean> => {
    const { service, version, environment } = drawSubject(random, environments);
    return post(agent, tokens[n % tokens.length] ?? "", JSON.stringify({ service, version, environment }));
  };
  await arrivals(ask, options.perSecond, options.warmUpSeconds);
  const before = cpuOf(measured);
  const ownBefore = process.cpuUsage();
  const begun = performance.now();
  const { times, errors } = await arrivals(ask, options.perSecond, options.seconds);
  const wallSeconds = (performance.now() - begun) / 1000;
  const own = process.cpuUsage(ownBefore);
  const after = cpuOf(measured);
  agent.destroy();
  return {
    times,
    errors,
    perSecond: times.length / wallSeconds,
    cpu: {
      client: (own.user + own.system) / 1000 / times.length,
      server: ((after.server - before.server) * 1000) / times.length,
      database: ((after.database - before.database) * 1000) / times.length,
    },
  };
}

/** Begins `perSecond` calls a second, late or not, and waits for all of them. */
async function arrivals(
  act: (n: number) => Promise<boolean>,
  perSecond: number,
  seconds: number,
): Promise<{ readonly times: Float64Array; readonly errors: number }> {
  const count = perSecond * seconds;
  const times = new Float64Array(count);
  let errors = 0;
  const begun = performance.now();
  const open: Promise<void>[] = [];
  for (let n = 0; n < count;) {
    const due = begun + (n * 1000) / perSecond;
    if (performance.now() < due) {
      await delay(1);
      continue;
    }
    const place = n++;
    const answered = act(place).then(
      (isGood) => {
        times[place] = performance.now() - due;
        if (!isGood) errors++;
      },
      () => {
        times[place] = performance.now() - due;
        errors++;
      },
    );
    open.push(answered);
  }
  await Promise.all(open);
  return { times, errors };
}

function post(agent: Agent, token: string, body: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    const call = request(
      { host: "127.0.0.1", port, path: "/v1/verdicts", method: "POST", agent, headers, timeout: 10_000 },
      (answer) => {
        answer.resume();
        answer.once("end", () => resolve(answer.statusCode === 200));
        answer.once("error", reject);
      },
    );
    call.once("timeout", () => call.destroy(new Error("no answer")));
    call.once("error", reject);
    call.end(body);
  });
}

const ticksPerSecond = 100;

interface Measured {
  /** Ids of processes; of the database that of the postmaster. */
  readonly server: number;
  readonly database: number;
}

function postmasterOf(stateDir: string): number {
  const [first = ""] = readFileSync(path.join(stateDir, "postgres/cluster/data/postmaster.pid"), "utf8").split("\n");
  return Number(first);
}

/** Processor seconds of the server, and of the database with all that it has started. */
function cpuOf(measured: Measured): { readonly server: number; readonly database: number } {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const found = processes.map((name) => ({ pid: Number(name), ...statOf(name) }));
  const sum = (list: readonly { readonly seconds: number }[]): number =>
    list.reduce((total, each) => total + each.seconds, 0);
  return {
    server: sum(found.filter(({ pid }) => pid === measured.server)),
    database: sum(found.filter(({ pid, parent }) => pid === measured.database || parent === measured.database)),
  };
}

function statOf(name: string): { readonly parent: number; readonly seconds: number } {
  try {
    const [, rest = ""] = /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
    const fields = rest.split(" ");
    return {
      parent: Number(fields[1] ?? 0),
      seconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond,
    };
  } catch {
    return { parent: 0, seconds: 0 };
  }
}
