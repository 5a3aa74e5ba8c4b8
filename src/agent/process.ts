import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { open, copyFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Startable } from "#agent/fleet.ts";
import { askIdentity, probe } from "#agent/probe.ts";
import type { ProcessRecord } from "#agent/state.ts";
import { monotonicMs } from "#runtime/clock.ts";

/** Small heaps: a fleet has many processes, and one that leaks shall hit its own limit and not the machine's. */
const nodeFlags = ["--max-old-space-size=64", "--max-semi-space-size=1", "--disable-warning=ExperimentalWarning"];

/** Size at which a log is set aside; one old log is kept. */
const logBytes = 1024 * 1024;
const probeWithinMs = 1_000;
const betweenProbesMs = 20;

/**
 * Starts the program in a process group of its own, so that it outlives the agent. It gets the declared variables, its
 * place and its neighbours, and nothing of the agent's own environment.
 */
export async function spawnProgram(
  { program, folder }: Startable,
  record: ProcessRecord,
  neighbours: Readonly<Record<string, string>>,
  stateFolder: string,
): Promise<ChildProcess> {
  const [main = "", ...rest] = program.files;
  const log = await open(logOf(stateFolder, record), "a", 0o600);
  try {
    const child = spawn(process.execPath, [...nodeFlags, join(folder, main), ...program.args], {
      cwd: folder,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      env: {
        ...program.env,
        ...neighbours,
        PORT: `${record.port}`,
        SERVICE: record.service,
        VERSION: record.version,
        INSTANCE: record.instance,
        PROGRAM: JSON.stringify({ files: [main, ...rest], args: program.args, env: program.env }),
        // Types are stripped once per file and not once per start: 40 ms and 17 MB less for each process.
        NODE_COMPILE_CACHE: join(stateFolder, "compiled"),
      },
    });
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

function logOf(stateFolder: string, { environment, service, version }: ProcessRecord): string {
  return join(stateFolder, "logs", `${environment}.${service}.${version}.log`);
}

/** Sets a log aside when it has grown past its limit. Services append, so they go on at the new beginning. */
export async function limitLog(stateFolder: string, record: ProcessRecord): Promise<void> {
  const file = logOf(stateFolder, record);
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= logBytes) return;
  await copyFile(file, `${file}.old`);
  await truncate(file);
}

/** Null once the process is ready and is the one we mean; else why it will not get ready. */
export async function waitUntilReady(
  record: ProcessRecord,
  withinMs: number,
  ended: () => string | null,
): Promise<string | null> {
  const deadline = monotonicMs() + withinMs;
  let seen = "nothing listened on its port";
  while (monotonicMs() < deadline) {
    const reason = ended();
    if (reason !== null) return reason;
    const answer = await probe(record.port, { method: "GET", path: "/readyz" }, probeWithinMs);
    if (answer.kind === "silent") seen = "/readyz gave no answer";
    if (answer.kind === "answer" && answer.answer.status !== 200) seen = `/readyz answered ${answer.answer.status}`;
    if (answer.kind === "answer" && answer.answer.status === 200) {
      const fault = await faultOfIdentity(record);
      if (fault === null) return null;
      seen = fault;
    }
    await delay(betweenProbesMs);
  }
  return `It was not ready within ${withinMs} ms: ${seen}.`;
}

async function faultOfIdentity(record: ProcessRecord): Promise<string | null> {
  const found = await askIdentity(record.port, probeWithinMs);
  if (found === null || found === "refused") return "/identity gave no readable answer";
  if (found.instance !== record.instance) return "another process has its port";
  if (found.version === record.version && found.digest === record.digest && found.service === record.service) {
    return null;
  }
  return `it says it is ${found.service} ${found.version} ${found.digest}`;
}

/**
 * True when the pid belongs to the process that was started as `instance`. A pid alone proves nothing: it may have been
 * given to another process since. Where /proc is missing, only the answer on the port can prove it.
 */
export function ownsPid(pid: number, instance: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`INSTANCE=${instance}`);
  } catch {
    return false;
  }
}
