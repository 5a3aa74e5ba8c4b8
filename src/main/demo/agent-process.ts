import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { monotonicMs } from "#runtime/clock.ts";
import { makeStateFolder } from "#runtime/state-folder.ts";
import { root } from "#main/bind-api.ts";
import type { AgentConnection } from "#main/settings.ts";

/** Ports of the demonstration; below 32768, where no outgoing connection takes them away. */
export interface DemoPorts {
  readonly agent: number;
  readonly proxies: { readonly from: number; readonly to: number };
  readonly services: { readonly from: number; readonly to: number };
}

/** Ports as the environment asks for them: `TIDEGATE_AGENT_PORT`, `TIDEGATE_PROXY_PORTS`, `TIDEGATE_SERVICE_PORTS`. */
export function demoPorts(env: NodeJS.ProcessEnv): DemoPorts {
  return {
    agent: Number(env["TIDEGATE_AGENT_PORT"] ?? 7071),
    proxies: portRange(env["TIDEGATE_PROXY_PORTS"] ?? "20000-20999"),
    services: portRange(env["TIDEGATE_SERVICE_PORTS"] ?? "21000-23999"),
  };
}

function portRange(text: string): { readonly from: number; readonly to: number } {
  const [, from, to] = /^(\d{4,5})-(\d{4,5})$/.exec(text) ?? [];
  if (from === undefined || to === undefined) throw new Error(`A range of ports is FROM-TO, not "${text}".`);
  return { from: Number(from), to: Number(to) };
}

export interface DemoAgent extends AgentConnection {
  readonly token: string;
  /** The process, also when an earlier start that was killed has left it; null when it is not known. */
  readonly pid: number | null;
}

const readyWithinMs = 20_000;
/** Longer than the agent gives a service to drain and to end. */
const goneWithinMs = 20_000;

/** Writes the agent's configuration into the state folder and starts it, unless it answers already. */
export async function ensureAgent(
  stateDir: string,
  ports: DemoPorts,
  environments: readonly string[],
): Promise<DemoAgent> {
  makeStateFolder(stateDir);
  const folder = path.join(stateDir, "agent");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const tokenFile = path.join(folder, "token");
  if (!existsSync(tokenFile)) writeFileSync(tokenFile, randomBytes(32).toString("hex"), { mode: 0o600 });
  const config = path.join(folder, "agent.json");
  writeFileSync(config, JSON.stringify(configurationOf(folder, tokenFile, ports, environments), null, 2), {
    mode: 0o600,
  });
  const token = readFileSync(tokenFile, "utf8").trim();
  const url = `http://127.0.0.1:${ports.agent}`;
  const connection = { url, tokenFile, token };
  const pidFile = path.join(folder, "agent.pid");
  if (await answers(url)) return { ...connection, pid: pidIn(pidFile) };
  const log = openSync(path.join(folder, "agent.log"), "a");
  const args = [
    "--disable-warning=ExperimentalWarning",
    path.join(root, "src/main/tidegate.ts"),
    "agent",
    "--config",
    config,
  ];
  // Its own session: the agent and the services outlive a killed control plane.
  const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", log, log] });
  child.unref();
  const deadline = monotonicMs() + readyWithinMs;
  while (!(await answers(url))) {
    if (monotonicMs() > deadline)
      throw new Error(`The agent did not answer at ${url}; its words are in ${path.join(folder, "agent.log")}.`);
    await delay(50);
  }
  writeFileSync(pidFile, `${child.pid ?? ""}\n`);
  return { ...connection, pid: child.pid ?? null };
}

/** Ends the agent and, with it, the services; returns when the process is gone, so that the next start finds no dying one. */
export async function stopAgent({ pid }: DemoAgent): Promise<void> {
  if (pid === null) return;
  const deadline = monotonicMs() + goneWithinMs;
  let isAlive = signal(pid, "SIGTERM");
  while (isAlive && monotonicMs() < deadline) {
    await delay(50);
    isAlive = signal(pid, 0);
  }
}

/** false when there is no such process any more. */
function signal(pid: number, name: "SIGTERM" | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function pidIn(file: string): number | null {
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8").trim()) : 0;
  return Number.isInteger(pid) && pid > 1 ? pid : null;
}

const fleet = path.join(root, "examples/boutique/fleet");

function configurationOf(folder: string, tokenFile: string, ports: DemoPorts, environments: readonly string[]): object {
  return {
    port: ports.agent,
    tokenFile,
    stateFolder: folder,
    fleetFile: path.join(fleet, "fleet.json"),
    environments,
    proxyPorts: ports.proxies,
    servicePorts: ports.services,
    onStop: "stop",
    controls: JSON.parse(readFileSync(path.join(fleet, "controls.json"), "utf8")),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/livez`, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}
