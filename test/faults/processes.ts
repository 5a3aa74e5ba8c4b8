import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { compiled } from "#test/support/compiled.ts";
import { until } from "#test/support/installation.ts";

const root = resolve(import.meta.dirname, "../..");
const startWithinMs = 120_000;
const stopWithinMs = 20_000;

/** How a process of the control plane is started; the same again when it is restarted. */
export interface ProcessWish {
  readonly role: "api" | "worker";
  readonly databaseUrl: string;
  readonly agentPort: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Processes of `tidegate up` by name, each with a log of its own, ended by their pids. */
export interface Processes {
  readonly start: (name: string, wish: ProcessWish, isAwaited?: boolean) => Promise<void>;
  /** Starts it again as it was started last. */
  readonly restart: (name: string, isAwaited?: boolean) => Promise<void>;
  readonly signal: (name: string, signal: NodeJS.Signals) => void;
  /** Returns when it is gone. */
  readonly kill: (name: string, signal?: NodeJS.Signals) => Promise<void>;
  readonly isRunning: (name: string) => boolean;
  readonly pidOf: (name: string) => number;
  readonly exitOf: (name: string) => number | NodeJS.Signals | null;
  readonly logOf: (name: string) => string;
  readonly names: () => readonly string[];
  readonly endAll: () => Promise<void>;
}

interface Part {
  readonly wish: ProcessWish;
  readonly child: ChildProcess;
}

const runs = ({ child }: Part): boolean => child.exitCode === null && child.signalCode === null;

export function openProcesses(folder: string, shared: Readonly<Record<string, string>>): Processes {
  const parts = new Map<string, Part>();
  const onExit = (): void => {
    for (const part of parts.values()) if (runs(part)) part.child.kill("SIGKILL");
  };
  process.once("exit", onExit);
  const logFile = (name: string): string => join(folder, `${name}.log`);
  const found = (name: string): Part => {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`${name} was never started`);
    return part;
  };
  const start = async (name: string, wish: ProcessWish, isAwaited = true): Promise<void> => {
    const before = parts.get(name);
    if (before !== undefined && runs(before)) throw new Error(`${name} runs already`);
    const file = openSync(logFile(name), "a");
    const said = readFileSync(logFile(name), "utf8").length;
    const child = spawnProduct(folder, wish, { ...shared, ...wish.env }, file);
    closeSync(file);
    const part: Part = { wish, child };
    parts.set(name, part);
    if (!isAwaited) return;
    const ready = wish.role === "api" ? /listens on/ : /The worker runs/;
    const log = (): string => readFileSync(logFile(name), "utf8").slice(said);
    await until(`${name} is ready`, async () => !runs(part) || ready.test(log()), startWithinMs);
    if (!runs(part)) throw new Error(`${name} ended: ${log().slice(-2000)}`);
  };
  const kill = async (name: string, signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    const part = found(name);
    if (!runs(part)) return;
    const gone = once(part.child, "exit");
    part.child.kill(signal);
    const late = delay(stopWithinMs, "late", { ref: false });
    if ((await Promise.race([gone, late])) !== "late") return;
    part.child.kill("SIGKILL");
    await gone;
  };
  return {
    start,
    restart: (name, isAwaited = true) => start(name, found(name).wish, isAwaited),
    signal: (name, signal) => void found(name).child.kill(signal),
    kill,
    isRunning: (name) => runs(found(name)),
    pidOf: (name) => {
      const { pid } = found(name).child;
      if (pid === undefined) throw new Error(`${name} has no pid`);
      return pid;
    },
    exitOf: (name) => found(name).child.exitCode ?? found(name).child.signalCode,
    logOf: (name) => readFileSync(logFile(name), "utf8"),
    names: () => [...parts.keys()],
    endAll: async () => {
      const names = [...parts.keys()].filter((name) => runs(found(name)));
      // One that stands still would not hear that it shall end.
      for (const name of names) found(name).child.kill("SIGCONT");
      await Promise.all(names.map((name) => kill(name, "SIGTERM")));
      process.off("exit", onExit);
    },
  };
}

function spawnProduct(
  folder: string,
  { role, databaseUrl, agentPort }: ProcessWish,
  env: Readonly<Record<string, string>>,
  log: number,
): ChildProcess {
  const agent = ["--agent", `http://127.0.0.1:${agentPort}`, "--agent-token-file", join(folder, "agent-token")];
  return spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      join(root, "src/main/tidegate.ts"),
      "up",
      "--role",
      role,
      "--state-dir",
      join(folder, "none"),
      ...agent,
    ],
    {
      cwd: root,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: folder,
        ...compiled(),
        TIDEGATE_LOG: "info",
        // A signal opens the debugger; each has a port of its own.
        NODE_OPTIONS: "--inspect-port=127.0.0.1:0",
        DATABASE_URL: databaseUrl,
        ...env,
      },
      stdio: ["ignore", log, log],
    },
  );
}
