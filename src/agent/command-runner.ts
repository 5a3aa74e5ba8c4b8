import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  commandStart,
  readWhole,
  takeRunnerLock,
  writeWhole,
  type CommandProgress,
  type CommandStart,
} from "#agent/command-files.ts";
import { printing, type Printing } from "#agent/printed.ts";
import { clean, longestSecret, toOutput } from "#core/plan/output.ts";
import { monotonicMs, systemClock } from "#runtime/clock.ts";

/*
 * Runs one command: a process of its own, so that the command and what it prints outlive an agent that is upgraded or
 * killed. It ends the command at its time-out although nobody asks, and takes secrets out before anything is on disk.
 */

const beatEveryMs = 1_000;
const lookEveryMs = 100;
/** What a command left behind in its group may still print this long. */
const leftoversMs = 500;

interface Room {
  readonly folder: string;
  readonly start: CommandStart;
  readonly secrets: readonly string[];
  readonly printing: Printing;
  childPid: number | null;
}

async function runCommand(folder: string): Promise<void> {
  const start = await readWhole(folder, "start.json", commandStart);
  if (start === null) throw new Error(`${folder} has no start.json`);
  // Whoever made the file runs the command; a second runner finds it and goes.
  if (!(await takeRunnerLock(folder))) return;
  const room: Room = { folder, start, secrets: [], printing: printing(), childPid: null };
  await tell(room, null);
  const given = readSecrets(start.secrets);
  if (typeof given === "string") return await refuse(room, given);
  const leased: Room = { ...room, secrets: Object.values(given).flatMap(formsOf) };
  if (existsSync(join(folder, "cancel")))
    return await tell(leased, { state: "cancelled", exitCode: null, isPassing: false });
  await supervise(leased, given);
}

async function supervise(room: Room, secrets: Readonly<Record<string, string>>): Promise<void> {
  const { start } = room;
  const child = spawn(start.program, start.args, {
    cwd: start.folder,
    // A group of its own, so that whatever it starts ends with it.
    detached: true,
    shell: false,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...start.env, ...secrets, INSTANCE: start.instance },
  });
  room.childPid = child.pid ?? null;
  const ended = endOf(child, room);
  await tell(room, null);
  const deadline = monotonicMs() + start.withinMs;
  let nextBeat = 0;
  let because: "timed-out" | "cancelled" | null = null;
  for (;;) {
    const end = await Promise.race([ended, delay(lookEveryMs, null)]);
    if (end !== null) return await finish(room, end, because);
    if (because === null) {
      if (monotonicMs() >= deadline) because = "timed-out";
      else if (existsSync(join(room.folder, "cancel"))) because = "cancelled";
      if (because !== null) void endGroup(room, child);
    }
    if (monotonicMs() >= nextBeat) {
      nextBeat = monotonicMs() + beatEveryMs;
      await tell(room, null);
    }
  }
}

interface End {
  readonly exitCode: number | null;
  /** It could not be started at all. */
  readonly fault: string | null;
}

function endOf(child: ChildProcess, room: Room): Promise<End> {
  child.stdout?.on("data", room.printing.take);
  child.stderr?.on("data", room.printing.take);
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ exitCode: null, fault: error.message }));
    child.once("exit", (exitCode) => {
      const end = { exitCode, fault: null };
      child.once("close", () => resolve(end));
      // A process that it left behind may hold the pipes for ever.
      setTimeout(() => resolve(end), leftoversMs).unref();
    });
  });
}

async function finish(room: Room, { exitCode, fault }: End, because: "timed-out" | "cancelled" | null): Promise<void> {
  signalGroup(room, "SIGKILL");
  if (fault !== null) return await refuse(room, fault);
  const isPassing = because === null && exitCode !== null && room.start.passingExitCodes.includes(exitCode);
  await tell(room, { state: because ?? (exitCode === 0 ? "done" : "failed"), exitCode, isPassing });
}

/** Asks, waits, kills. */
async function endGroup(room: Room, child: ChildProcess): Promise<void> {
  signalGroup(room, "SIGTERM");
  const deadline = monotonicMs() + room.start.endWithinMs;
  while (child.exitCode === null && child.signalCode === null && monotonicMs() < deadline) await delay(lookEveryMs);
  signalGroup(room, "SIGKILL");
}

function signalGroup({ childPid }: Room, name: NodeJS.Signals): void {
  if (childPid === null) return;
  try {
    process.kill(-childPid, name);
  } catch {
    // Nobody of the group is left.
  }
}

async function refuse(room: Room, why: string): Promise<void> {
  room.printing.take(Buffer.from(`${why}\n`));
  await tell(room, { state: "failed", exitCode: null, isPassing: false });
}

async function tell({ folder, printing: stream, secrets, childPid }: Room, end: CommandProgress["end"]): Promise<void> {
  const output = toOutput(stream.printed(), secrets);
  const beatAt = systemClock.now().toString();
  const progress: CommandProgress = { runnerPid: process.pid, childPid, beatAt, output, end };
  await writeWhole(folder, "progress.json", progress);
}

/** The secrets by their variables, or why they cannot be had. */
function readSecrets(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> | string {
  const read: Record<string, string> = {};
  for (const [name, file] of Object.entries(files)) {
    try {
      if ((statSync(file).mode & 0o077) !== 0) return `Others can read the file of ${name}; run chmod 600 on it.`;
      const secret = readFileSync(file, "utf8").trim();
      if (secret === "" || secret.length > longestSecret) {
        return `The file of ${name} must hold 1 to ${longestSecret} characters.`;
      }
      read[name] = secret;
    } catch {
      return `The file of ${name} cannot be read.`;
    }
  }
  return read;
}

/** A secret as programs print it: itself, in JSON, in addresses, in base64, and line by line. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, "utf8");
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = bytes.toString("base64").replace(/=+$/, "");
  const forms = [secret, clean(secret), json, encodeURIComponent(secret), base64, bytes.toString("base64url")];
  return [...new Set([...forms, bytes.toString("hex"), ...secret.split(/\s+/), ...passwordsIn(secret)])];
}

/** The password in an address, as it stands there and as it is meant. */
function passwordsIn(secret: string): readonly string[] {
  const { password } = URL.parse(secret) ?? { password: "" };
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

const [folder] = process.argv.slice(2);
if (folder === undefined) process.exit(2);
await runCommand(folder);
process.exit(0);
