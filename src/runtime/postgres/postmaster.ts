import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";

/** What `postmaster.pid` says; its layout is PostgreSQL's own (src/include/utils/pidfile.h). */
export interface Postmaster {
  readonly pid: number;
  readonly dataDir: string;
  readonly socketDir: string;
  readonly ready: boolean;
}

/** Null when there is no lock file, or when it is only half written. */
export function readPostmaster(dataDir: string): Postmaster | null {
  const lines = readOrNull(join(dataDir, "postmaster.pid"))?.split("\n") ?? [];
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, dataDir: lines[1] ?? "", socketDir: lines[4] ?? "", ready: lines[7]?.trim() === "ready" };
}

/** A zombie is dead: an init that reaps lazily may keep one for seconds. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  const stat = readOrNull(`/proc/${pid}/stat`);
  // The name is in brackets and may hold blanks; the state follows the last bracket.
  return stat?.slice(stat.lastIndexOf(")") + 2).startsWith("Z") !== true;
}

/** True if the pid belongs to a server; where there is no /proc the pid alone has to do. */
export function isServer(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const name = readOrNull(`/proc/${pid}/comm`);
  return name === null || name.trim() === "postgres";
}

/**
 * True if that server works in this directory. Its working directory counts, where it can be seen: a data directory may be
 * renamed under a running server, and after a restart of the machine the pid may be that of another server.
 */
export function worksIn(dataDir: string, { pid, dataDir: named }: Postmaster): boolean {
  return isServer(pid) && resolved(workingDirectory(String(pid)) ?? named) === resolved(dataDir);
}

/**
 * The server of which this directory is a copy, made while it ran: whoever adopted it would work on the original. Null
 * when the directory is nobody's copy, or the original has stopped.
 */
export function originalOf(dataDir: string): Postmaster | null {
  const seen = readPostmaster(dataDir);
  if (seen === null || resolved(seen.dataDir) === resolved(dataDir)) return null;
  return worksIn(seen.dataDir, seen) ? seen : null;
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * After a restart of a container the pid in a stale lock file may belong to somebody else, and the server would refuse
 * to start for ever. The file is removed only if the pid is no server of this directory and no process works in the data directory:
 * every PostgreSQL process has it as its working directory.
 */
export function dropStaleLock(dataDir: string): void {
  const seen = readPostmaster(dataDir);
  if (seen === null || process.platform !== "linux" || !isAlive(seen.pid) || worksIn(dataDir, seen)) return;
  const inUse = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .some((name) => workingDirectory(name) === dataDir);
  if (!inUse) rmSync(join(dataDir, "postmaster.pid"), { force: true });
}

function workingDirectory(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
