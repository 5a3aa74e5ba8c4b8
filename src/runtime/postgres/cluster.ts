import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { err, ok, type Result } from "#core/result.ts";
import { makeStateFolder } from "#runtime/state-folder.ts";
import { installBinaries, moveInto } from "./binaries.ts";
import { closedToOthers, serverUser, type EmbeddedFailure, type ServerUser } from "./platform.ts";

/** Everything needed to run the server; all paths are absolute. */
export interface Cluster {
  readonly binaries: string;
  readonly dataDir: string;
  readonly socketDir: string;
  readonly startLog: string;
  readonly password: string;
  readonly user: ServerUser | null;
}

export const superuser = "tidegate";
export const socketPort = 5432;
/** A socket address holds 108 bytes on Linux and 104 on macOS; below 100 there is room on both. */
const maxSocketPathBytes = 100;

/**
 * Makes what is missing below `stateDir` and returns where it lies:
 * `postgres/server-<version>` (root only), `postgres/cluster/{data,password}`, `postgres/run` (the socket).
 */
export function prepareCluster(stateDir: string): Result<Cluster, EmbeddedFailure> {
  const user = serverUser();
  const home = join(stateDir, "postgres");
  const reachable = makeHome(stateDir, home, user);
  if (!reachable.ok) return reachable;
  const binaries = installBinaries(home, user);
  if (!binaries.ok) return binaries;
  const cluster = join(home, "cluster");
  if (!existsSync(cluster)) {
    const made = initialise(binaries.value, cluster, user);
    if (!made.ok) return made;
  }
  return ok({
    binaries: binaries.value,
    dataDir: join(cluster, "data"),
    socketDir: socketDirectory(home, user),
    startLog: join(home, "start.log"),
    password: readFileSync(join(cluster, "password"), "utf8"),
    user,
  });
}

/** The state folder lets the server's user pass when that is not ours; the server's own part is 0700. */
function makeHome(stateDir: string, home: string, user: ServerUser | null): Result<void, EmbeddedFailure> {
  makeStateFolder(stateDir);
  if (user !== null) {
    const closed = closedToOthers(stateDir, (directory) => statSync(directory).mode);
    if (closed !== null) return err({ code: "directory-unreachable", message: unreachable(stateDir, closed) });
  }
  mkdirSync(home, { recursive: true, mode: 0o700 });
  own(home, user);
  return ok(undefined);
}

function unreachable(stateDir: string, closed: string): string {
  return (
    `The state directory ${stateDir} lies below ${closed}, which the user "nobody" may not enter; PostgreSQL does not ` +
    `run as root. Let others pass there (chmod o+x ${closed}), name a directory elsewhere with TIDEGATE_STATE_DIR or ` +
    "--state-dir, or run as an ordinary user."
  );
}

/** Writes a new cluster beside its place and renames it: a killed `initdb` leaves nothing that looks finished. */
function initialise(binaries: string, place: string, user: ServerUser | null): Result<void, EmbeddedFailure> {
  const draft = `${place}.draft-${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  own(draft, user);
  const passwordFile = join(draft, "password");
  writeFileSync(passwordFile, randomBytes(24).toString("hex"), { mode: 0o600 });
  own(passwordFile, user);
  const run = spawnSync(
    join(binaries, "bin", "initdb"),
    [
      `--pgdata=${join(draft, "data")}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      "--encoding=UTF8",
      "--data-checksums",
      "--no-instructions",
    ],
    { cwd: draft, env: serverEnvironment(), encoding: "utf8", ...user },
  );
  if (run.status !== 0) {
    rmSync(draft, { recursive: true, force: true });
    const said = (run.error?.message ?? run.stderr).trim();
    const message = `initdb could not create the embedded database in ${place}: ${said}. Check free disk space and the rights on the state directory.`;
    return err({ code: "initdb-failed", message });
  }
  moveInto(draft, place);
  return ok(undefined);
}

/** The server inherits nothing but this: a PG* variable or a locale of the caller would change how it behaves. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}

/** `run` below the home, or a private directory under the system's temporary one when that path is too long. */
function socketDirectory(home: string, user: ServerUser | null): string {
  const near = join(home, "run");
  if (fits(near)) {
    mkdirSync(near, { recursive: true, mode: 0o700 });
    own(near, user);
    return near;
  }
  const note = join(home, "socket-directory");
  const known = existsSync(note) ? readFileSync(note, "utf8") : null;
  if (known !== null && isPrivate(known, user)) return known;
  const made = mkdtempSync(join(tmpdir(), "tidegate-"));
  own(made, user);
  writeFileSync(note, made, { mode: 0o600 });
  return made;
}

function fits(directory: string): boolean {
  return Buffer.byteLength(join(directory, `.s.PGSQL.${socketPort}`)) < maxSocketPathBytes;
}

/** The temporary directory is anybody's: a directory of that name counts only if it is still ours alone. */
function isPrivate(directory: string, user: ServerUser | null): boolean {
  const seen = statSync(directory, { throwIfNoEntry: false });
  return seen !== undefined && seen.uid === (user?.uid ?? process.getuid?.()) && (seen.mode & 0o077) === 0;
}

function own(path: string, user: ServerUser | null): void {
  if (user !== null) chownSync(path, user.uid, user.gid);
}
