import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import net from "node:net";
import path from "node:path";

/** Folder of a Node that is not the pinned one and brings npm, as a visitor's machine has it; null when there is none. */
export function foreignNode(root: string): string | null {
  const usual = ["/usr/local/bin", "/usr/bin", "/bin"];
  const folders = [...(process.env["PATH"] ?? "").split(path.delimiter), ...usual];
  const found = folders.find((folder) => {
    if (folder.startsWith(root) || !existsSync(path.join(folder, "npm"))) return false;
    const asked = spawnSync(path.join(folder, "node"), ["--version"], { encoding: "utf8" });
    const major = Number(/^v(\d+)\./.exec(asked.stdout ?? "")?.[1] ?? 0);
    return major >= 20 && major !== 26;
  });
  return found ?? null;
}

/** A user without rights. Its entry exists on every Debian; PostgreSQL refuses a user that has none. */
export const ordinaryUser = { name: "nobody", uid: 65_534, gid: 65_534 } as const;

export const isRoot = process.getuid?.() === 0;

/** What a machine may need to reach its registry; everything else of our own environment stays out. */
const wayOut = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "NODE_EXTRA_CA_CERTS", "npm_config_cafile"];

export function cleanEnvironment(nodeFolder: string, home: string): Record<string, string> {
  const kept = wayOut.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    PATH: [nodeFolder, "/usr/bin", "/bin"].join(path.delimiter),
    HOME: home,
    npm_config_cache: path.join(home, "npm-cache"),
  };
}

export interface Seen {
  readonly pid: number;
  readonly command: string;
}

/** Processes that work in the folder or were started with it: our server, PostgreSQL, agent and services. Linux only. */
export function processesIn(folder: string): readonly Seen[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const command = read(`/proc/${name}/cmdline`).replaceAll("\0", " ");
      const isOurs = command.includes(folder) || cwdOf(name).startsWith(folder);
      return isOurs && !isZombie(name) && Number(name) !== process.pid ? [{ pid: Number(name), command }] : [];
    });
}

function isZombie(pid: string): boolean {
  return / Z /.test(read(`/proc/${pid}/stat`).replace(/\(.*\)/, ""));
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // The process has ended since the folder was listed.
    return "";
  }
}

function cwdOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}

/** true when somebody listens on the port of loopback. */
export async function isTaken(port: number): Promise<boolean> {
  const socket = net.connect({ host: "127.0.0.1", port });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

/** The first of `count` neighbouring free ports, below those that outgoing connections take. */
export async function freePorts(from: number, count: number): Promise<number> {
  for (let first = from; first + count < 32_000; first += count) {
    const taken = await Promise.all(Array.from({ length: count }, (_, at) => isTaken(first + at)));
    if (taken.every((is) => !is)) return first;
  }
  throw new Error(`no ${count} free ports in a row above ${from}`);
}
