import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { digestOf, readFleet } from "#agent/fleet.ts";
import { ownsPid } from "#agent/process.ts";
import { agentNodeFlags } from "#agent/settings.ts";
import { agentDeployer } from "#connectors/agent/connector.ts";
import type { Deployer } from "#connectors/port.ts";
import { agentInventory, agentLedger, type AgentInventory, type LedgerEntry } from "#contract/agent.ts";
import { freePorts } from "#test/support/free-ports.ts";

const root = join(import.meta.dirname, "..", "..");
export const fleetFolder = join(root, "examples", "boutique", "fleet");

/** A real agent in a process of its own, with a copy of the boutique's programs that a test may change. */
export interface AgentBench {
  readonly folder: string;
  readonly fleetFile: string;
  readonly url: string;
  readonly token: string;
  readonly deployer: Deployer;
  readonly pid: () => number;
  readonly digestOf: (service: string, version: string) => string;
  readonly call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  readonly inventory: () => Promise<AgentInventory>;
  readonly ledger: () => Promise<readonly LedgerEntry[]>;
  readonly start: () => Promise<void>;
  /** SIGKILL: the agent gets no chance to say good-bye. */
  readonly kill: () => Promise<void>;
  /** SIGTERM: the agent ends as it is configured to. */
  readonly stop: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly version: string | null;
}

export interface AgentOptions {
  readonly environments?: readonly string[];
  /** Further fields of its configuration, once its folder is known. */
  readonly settings?: (folder: string) => object;
}

export async function openAgent(options: AgentOptions = {}): Promise<AgentBench> {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-agent-"));
  const fleet = join(folder, "fleet");
  cpSync(fleetFolder, fleet, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}\n');
  const fleetFile = join(fleet, "fleet.json");
  const token = randomBytes(24).toString("base64url");
  writeFileSync(join(folder, "token"), token, { mode: 0o600 });
  mkdirSync(join(folder, "state"), { mode: 0o700 });
  const port = await freePorts(100);
  const environments = options.environments ?? ["staging"];
  const settings = {
    port,
    tokenFile: "token",
    stateFolder: "state",
    fleetFile: "fleet/fleet.json",
    environments,
    proxyPorts: { from: port + 1, to: port + 49 },
    servicePorts: { from: port + 50, to: port + 99 },
    onStop: "stop",
    readyWithinMs: 4_000,
    ...options.settings?.(folder),
  };
  writeFileSync(join(folder, "agent.json"), JSON.stringify(settings));
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  const start = async () => {
    const spawned = spawn(
      process.execPath,
      [...agentNodeFlags, join(root, "src/agent/main.ts"), "--config", join(folder, "agent.json")],
      {
        stdio: ["ignore", "pipe", "inherit"],
        cwd: root,
      },
    );
    if (spawned.stdout === null) throw new Error("no output");
    const outcome = await Promise.race([once(spawned.stdout, "data"), once(spawned, "exit")]);
    if (!String(outcome[0]).includes("listens")) throw new Error(`the agent did not start: ${String(outcome[0])}`);
    child = spawned;
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  const call: AgentBench["call"] = (method, path, body, headers = {}) =>
    send(`${url}${path}`, method, body, { authorization: `Bearer ${token}`, ...headers });
  await start();
  return {
    folder,
    fleetFile,
    url,
    token,
    deployer: agentDeployer({ url, token }),
    pid: () => child?.pid ?? 0,
    digestOf: (service, version) => {
      const program = readFleet(fleetFile).services.find((each) => each.name === service)?.versions[version];
      if (program === undefined) throw new Error(`${service} ${version}`);
      return program.digest;
    },
    call,
    inventory: async () => agentInventory.parse((await call("GET", "/v1/inventory")).body),
    ledger: async () => agentLedger.parse((await call("GET", "/v1/ledger?after=0")).body).entries,
    start,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    close: async () => {
      await end("SIGTERM");
      endLeftovers(join(folder, "state", "state.json"));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Processes that outlived an agent that was killed: each is ended only if it is provably the one that was started. */
function endLeftovers(file: string): void {
  const { processes } = JSON.parse(readFileSync(file, "utf8"));
  for (const { pid, instance } of processes) {
    if (pid !== null && ownsPid(pid, instance)) process.kill(pid, "SIGKILL");
  }
}

const connections = new Agent({ keepAlive: true, maxSockets: 64, timeout: 4_000 });

/** One request; status 0 when the connection failed. */
export function send(url: string, method = "GET", body?: unknown, headers: object = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const payload = body === undefined ? null : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    const framing = payload === null ? {} : { "content-type": "application/json", "content-length": payload.length };
    const call = request(url, { method, headers: { ...framing, ...headers }, agent: connections }, (answer) => {
      let content = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (content += chunk));
      answer.on("end", () => {
        const version = answer.headers["x-tidegate-version"];
        resolve({
          status: answer.statusCode ?? 0,
          body: parse(content),
          version: typeof version === "string" ? version : null,
        });
      });
    });
    call.on("error", () => resolve({ status: 0, body: null, version: null }));
    call.end(payload);
  });
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

/** Starts version 1.0.0 of each service and gives it all the traffic. */
export async function bringUp(bench: AgentBench, services: readonly string[], environment = "staging"): Promise<void> {
  await Promise.all(
    services.map(async (service) => {
      const target = { environment, service };
      const version = "1.0.0";
      const started = await bench.deployer.startVersion(
        { ...target, version, digest: bench.digestOf(service, version) },
        { key: `up-${environment}-${service}`, fence: 1 },
      );
      if (!started.ok || started.value.state !== "ready") throw new Error(JSON.stringify(started));
      const shifted = await bench.deployer.shift(
        { ...target, version, control: null, percent: 100 },
        { key: `live-${environment}-${service}`, fence: 1 },
      );
      if (!shifted.ok) throw new Error(JSON.stringify(shifted));
    }),
  );
}

export async function proxyOf(bench: AgentBench, service: string, environment = "staging"): Promise<string> {
  const { services } = await bench.inventory();
  const found = services.find((each) => each.service === service && each.environment === environment);
  if (found === undefined) throw new Error(service);
  return found.url;
}

/** Adds a program to the copy of the catalogue, sealed. */
export function addProgram(bench: AgentBench, service: string, version: string, source: string): string {
  const file = `${service}-${version}-test.ts`;
  const folder = join(bench.folder, "fleet");
  writeFileSync(join(folder, file), source);
  const fleet = readFleet(bench.fleetFile);
  const program = { files: [file, "kit.ts"], args: [], env: {}, note: "A version of a test." };
  const digest = digestOf(folder, program);
  const entry = fleet.services.find((each) => each.name === service);
  if (entry === undefined) throw new Error(service);
  entry.versions[version] = { ...program, digest };
  writeFileSync(bench.fleetFile, JSON.stringify(fleet));
  return digest;
}

/** Looks until it is so; fails after the limit. */
export async function until(what: string, isSo: () => Promise<boolean>, limitMs = 10_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await delay(25);
  }
}
