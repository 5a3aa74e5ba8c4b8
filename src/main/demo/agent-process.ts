import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { monotonicMs } from "#runtime/clock.ts";
import { root } from "#main/bind-api.ts";
import type { AgentConnection } from "#main/settings.ts";

/** Ports of the demonstration; below 32768, where no outgoing connection takes them away. */
export interface DemoPorts {
  readonly agent: number;
  readonly proxies: { readonly from: number; readonly to: number };
  readonly services: { readonly from: number; readonly to: number };
}

export const demoPorts: DemoPorts = {
  agent: 7071,
  proxies: { from: 20_000, to: 20_999 },
  services: { from: 21_000, to: 23_999 },
};

export interface DemoAgent extends AgentConnection {
  readonly token: string;
  /** The process that was started now; null when one was running already. */
  readonly pid: number | null;
}

const readyWithinMs = 20_000;

/** Writes the agent's configuration into the state folder and starts it, unless it answers already. */
export async function ensureAgent(
  stateDir: string,
  ports: DemoPorts,
  environments: readonly string[],
): Promise<DemoAgent> {
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
  if (await answers(url)) return { ...connection, pid: null };
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
  return { ...connection, pid: child.pid ?? null };
}

function configurationOf(folder: string, tokenFile: string, ports: DemoPorts, environments: readonly string[]): object {
  return {
    port: ports.agent,
    tokenFile,
    stateFolder: folder,
    fleetFile: path.join(root, "examples/boutique/fleet/fleet.json"),
    environments,
    proxyPorts: ports.proxies,
    servicePorts: ports.services,
    onStop: "stop",
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/livez`, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}
