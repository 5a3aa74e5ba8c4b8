import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { err, ok, type Result } from "#core/result.ts";
import { monotonicMs } from "#runtime/clock.ts";
import { prepareCluster, serverEnvironment, type Cluster } from "./cluster.ts";
import { openDatabase } from "./open-database.ts";
import { takeStartTurn } from "./start-turn.ts";
import {
  dropStaleLock,
  isAlive,
  isServer,
  originalOf,
  readPostmaster,
  worksIn,
  type Postmaster,
} from "./postmaster.ts";
import type { EmbeddedFailure } from "./platform.ts";

/*
 * States of the supervisor: starting → running → (server gone) → waiting → starting … ; stopping and given-up are final.
 * The server is its own session and outlives this process on purpose: after a kill -9 of us it goes on, and the next
 * start adopts it. Nothing is kept in memory that the data directory does not say better.
 */

/** What the supervisor tells its owner after the start; `given-up` means that nobody restarts the server any more. */
export type EmbeddedEvent =
  | { readonly kind: "lost"; readonly pid: number }
  | { readonly kind: "restarted"; readonly pid: number }
  | { readonly kind: "given-up"; readonly reason: string };

export interface EmbeddedServer {
  /** A superuser on database `tidegate`, by unix socket. */
  readonly connectionString: string;
  /** Of the server that runs now; it changes with a restart. */
  readonly pid: number;
  /** True if the server ran already when this process came. */
  readonly adopted: boolean;
  /** Shuts the server down (fast: open transactions are rolled back) and returns when it is gone. */
  readonly stop: () => Promise<void>;
  /** Stops watching and leaves the server to whoever adopts it next. */
  readonly release: () => void;
}

export interface EmbeddedOptions {
  readonly stateDir: string;
  /** Server settings by name, on top of ours; tests use it for more connections. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly report?: (event: EmbeddedEvent) => void;
}

/** A killed server may leave its lock file to a zombie for seconds; longer than this it is somebody else's. */
const lockWaitMs = 10_000;
/** Crash recovery replays at most `max_wal_size` (1 GB by default), which takes well under a minute. */
const readyWaitMs = 60_000;
/** Whoever starts before us needs at most one attempt more than its own limit. */
const turnWaitMs = lockWaitMs + readyWaitMs;
const pollMs = 5;
const watchMs = 250;
const stopWaitMs = 10_000;
const restartLimit = 10;
const restartPeriodMs = 300_000;
const firstBackoffMs = 50;
const maxBackoffMs = 5_000;

interface Running {
  readonly pid: number;
  readonly adopted: boolean;
}

/** Starts the server of `stateDir`, or adopts the one that runs there already. Two starters at once end with one server. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Result<EmbeddedServer, EmbeddedFailure>> {
  const prepared = prepareCluster(options.stateDir);
  if (!prepared.ok) return prepared;
  const cluster = prepared.value;
  const first = await ensureRunning(cluster, options.settings ?? {});
  if (!first.ok) return first;
  const socketDir = readPostmaster(cluster.dataDir)?.socketDir ?? cluster.socketDir;
  const connectionString = await openDatabase({ socketDir, password: cluster.password });
  if (!connectionString.ok) return connectionString;
  const watch = supervise(cluster, options, first.value);
  return ok({
    connectionString: connectionString.value,
    get pid() {
      return watch.pid();
    },
    adopted: first.value.adopted,
    stop: watch.stop,
    release: watch.release,
  });
}

async function ensureRunning(
  cluster: Cluster,
  settings: Readonly<Record<string, string>>,
): Promise<Result<Running, EmbeddedFailure>> {
  const original = originalOf(cluster.dataDir);
  if (original !== null) return err({ code: "copied", message: copied(cluster, original) });
  const seen = await adopt(cluster);
  if (seen !== null) return ok(seen);
  using turn = await takeStartTurn(cluster.dataDir, cluster.password, turnWaitMs);
  if (turn === null) {
    const message = `Another process has been starting the embedded PostgreSQL in ${cluster.dataDir} for over a minute. Look at ${cluster.startLog}, end that process, and start again.`;
    return err({ code: "start-failed", message });
  }
  return startAlone(cluster, settings);
}

/** The server that runs already, whoever started it; it may have come while this process waited for its turn. */
async function adopt(cluster: Cluster): Promise<Running | null> {
  const seen = readPostmaster(cluster.dataDir);
  if (seen === null || !worksIn(cluster.dataDir, seen) || !(await becomesReady(cluster, seen.pid))) return null;
  return { pid: seen.pid, adopted: true };
}

async function startAlone(
  cluster: Cluster,
  settings: Readonly<Record<string, string>>,
): Promise<Result<Running, EmbeddedFailure>> {
  const deadline = monotonicMs() + lockWaitMs;
  for (;;) {
    const seen = await adopt(cluster);
    if (seen !== null) return ok(seen);
    dropStaleLock(cluster.dataDir);
    const child = launch(cluster, settings);
    if (child.pid !== undefined && (await becomesReady(cluster, child.pid)))
      return ok({ pid: child.pid, adopted: false });
    if (monotonicMs() >= deadline) return err({ code: "start-failed", message: startFailure(cluster) });
    await delay(100);
  }
}

function copied({ dataDir }: Cluster, { pid, dataDir: original }: Postmaster): string {
  return `${dataDir} is a copy of ${original}, made while the server ${pid} ran there; files copied one after the other do not fit together. Restore a backup instead. If it is a snapshot of one instant, remove postmaster.pid from the copy and start again.`;
}

function startFailure(cluster: Cluster): string {
  const said = readFileSync(cluster.startLog, "utf8").trim().split("\n").slice(-3).join(" · ");
  return `The embedded PostgreSQL in ${cluster.dataDir} did not start: ${said}. Its log is in ${join(cluster.dataDir, "log")}.`;
}

function launch(cluster: Cluster, settings: Readonly<Record<string, string>>): ChildProcess {
  const chosen = { ...serverSettings(cluster), ...settings };
  const log = openSync(cluster.startLog, "w", 0o600);
  const child = spawn(
    join(cluster.binaries, "bin", "postgres"),
    ["-D", cluster.dataDir, ...Object.entries(chosen).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    { cwd: cluster.dataDir, env: serverEnvironment(), detached: true, stdio: ["ignore", log, log], ...cluster.user },
  );
  closeSync(log);
  // Without a listener a failed spawn would end this process; the missing lock file tells the story.
  child.on("error", () => undefined);
  child.unref();
  return child;
}

function serverSettings(cluster: Cluster): Readonly<Record<string, string>> {
  return {
    listen_addresses: "",
    unix_socket_directories: cluster.socketDir,
    unix_socket_permissions: "0700",
    max_connections: "200",
    timezone: "UTC",
    log_timezone: "UTC",
    // A ring of seven files, one per weekday: the log has a limit.
    logging_collector: "on",
    log_filename: "postgresql-%a.log",
    log_truncate_on_rotation: "on",
    log_rotation_age: "1d",
    log_rotation_size: "0",
  };
}

/** True once the lock file names this pid as ready; false when the process is gone first. */
async function becomesReady(cluster: Cluster, pid: number): Promise<boolean> {
  const deadline = monotonicMs() + readyWaitMs;
  while (monotonicMs() < deadline && isAlive(pid)) {
    const seen = readPostmaster(cluster.dataDir);
    if (seen?.pid === pid && seen.ready) return true;
    await delay(pollMs);
  }
  return false;
}

interface Watch {
  readonly pid: () => number;
  readonly stop: () => Promise<void>;
  readonly release: () => void;
}

/** Looks at the pid instead of the exit event, so that an adopted server is watched in the same way as a child. */
function supervise(cluster: Cluster, options: EmbeddedOptions, first: Running): Watch {
  let current = first.pid;
  let restarts: readonly number[] = [];
  let busy: Promise<void> | null = null;
  const report = options.report ?? (() => undefined);

  async function restart(): Promise<void> {
    report({ kind: "lost", pid: current });
    for (;;) {
      const now = monotonicMs();
      restarts = [...restarts.filter((at) => at > now - restartPeriodMs), now];
      if (restarts.length > restartLimit) {
        clearInterval(timer);
        report({ kind: "given-up", reason: startFailure(cluster) });
        return;
      }
      await delay(Math.min(maxBackoffMs, firstBackoffMs * 2 ** (restarts.length - 1)), undefined, { ref: false });
      const again = await ensureRunning(cluster, options.settings ?? {});
      if (!again.ok) continue;
      current = again.value.pid;
      report({ kind: "restarted", pid: current });
      return;
    }
  }

  const timer = setInterval(() => {
    if (busy !== null || isAlive(current)) return;
    busy = restart().finally(() => {
      busy = null;
    });
  }, watchMs);
  timer.unref();
  const release = () => clearInterval(timer);
  async function stop(): Promise<void> {
    release();
    await busy;
    await shutDown(current);
  }
  return { pid: () => current, stop, release };
}

/** SIGINT is PostgreSQL's fast shutdown; SIGQUIT the immediate one, from which the next start recovers. */
async function shutDown(pid: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    if (!isServer(pid)) return;
    process.kill(pid, signal);
    const deadline = monotonicMs() + stopWaitMs;
    while (isAlive(pid) && monotonicMs() < deadline) await delay(pollMs);
  }
}
