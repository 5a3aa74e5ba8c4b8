import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { monotonicMs } from "#runtime/clock.ts";

/** A proxy starts within a tenth of a second; a machine under load may need longer. */
const startsWithinMs = 10_000;
const endsWithinMs = 5_000;
const lookEveryMs = 10;
/** A proxy that is found dead is started again within this time. */
const keepEveryMs = 1_000;
const outputBytes = 4_000;

export interface ProxyProgram {
  readonly program: string;
  /** Checks the configuration and changes nothing. */
  readonly checkArgs: readonly string[];
  /** Starts it in the background: the program returns once it has its ports, or says why it has not. */
  readonly startArgs: readonly string[];
  readonly pidFile: string;
  /** Stands in the command line of the process, and of no other. */
  readonly mark: string;
  readonly reloadSignal: NodeJS.Signals;
  readonly answers: () => Promise<boolean>;
  /** A process that serves on although the one of the file is gone; it ends in peace before another is started. */
  readonly orphan: () => Promise<number | null>;
}

export interface ProxyProcess {
  /** Whether it runs; the one of an agent before counts. */
  readonly pid: () => Promise<number | null>;
  readonly check: () => Promise<string | null>;
  readonly ensure: () => Promise<void>;
  readonly signalReload: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
  /** Starts it again whenever it is gone, until `leave`. */
  readonly keep: (log: (message: string) => void) => void;
  readonly leave: () => void;
}

export function proxyProcess(it: ProxyProgram): ProxyProcess {
  let timer: NodeJS.Timeout | null = null;
  const pid = () => pidOf(it.pidFile, it.mark);
  const ensure = async () => {
    if ((await pid()) === null) {
      await endOrphan(it);
      const said = await run(it.program, it.startArgs);
      if (said !== null) throw new Error(`${it.program} did not start: ${said}`);
    }
    await until(startsWithinMs, it.answers, `${it.program} does not answer`);
  };
  return {
    pid,
    check: () => run(it.program, it.checkArgs),
    ensure,
    signalReload: async () => signal(await pid(), it.reloadSignal),
    stop: async () => {
      const running = await pid();
      if (running === null) await endOrphan(it);
      if (!signal(running, "SIGTERM")) return;
      const isGone = async () => (await pid()) === null;
      await until(endsWithinMs, isGone, "").catch(() => signal(running, "SIGKILL"));
    },
    keep: (log) => {
      let isBusy = false;
      timer = setInterval(() => {
        if (isBusy) return;
        isBusy = true;
        void startAgain(pid, ensure, log, it.program).finally(() => (isBusy = false));
      }, keepEveryMs);
      timer.unref();
    },
    leave: () => {
      if (timer !== null) clearInterval(timer);
    },
  };
}

/** SIGQUIT: it gives its ports back at once, and ends after what is under way. */
async function endOrphan({ orphan, program }: ProxyProgram): Promise<void> {
  if (!signal(await orphan(), "SIGQUIT")) return;
  await until(endsWithinMs, async () => (await orphan()) === null, `an orphan of ${program} keeps its ports`);
}

async function startAgain(
  pid: () => Promise<number | null>,
  ensure: () => Promise<void>,
  log: (message: string) => void,
  program: string,
): Promise<void> {
  try {
    if ((await pid()) !== null) return;
    log(`${program} is gone; it is started again.`);
    await ensure();
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
  }
}

/** The process of the file, if it still is the one that was started: a number alone proves nothing. */
async function pidOf(file: string, mark: string): Promise<number | null> {
  const text = await readFile(file, "utf8").catch(() => "");
  const pid = Number(text.trim());
  if (!Number.isSafeInteger(pid) || pid <= 1) return null;
  return commandLine(pid)?.includes(mark) === true ? pid : null;
}

/** What a process calls itself; null once it is gone. From `/proc`: these proxies are driven on Linux. */
export function commandLine(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return null;
  }
}

function signal(pid: number | null, name: NodeJS.Signals): boolean {
  if (pid === null) return false;
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

export async function until(withinMs: number, isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = monotonicMs() + withinMs;
  while (!(await isSo())) {
    if (monotonicMs() > deadline) throw new Error(`${otherwise} within ${withinMs} ms`);
    await delay(lookEveryMs);
  }
}

/** Runs a program to its end; null if it ended well, otherwise what it said. */
function run(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env: {} });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (said.length < outputBytes) said += chunk.toString();
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), startsWithinMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    // Not `close`: what went to the background holds the pipe open.
    child.once("exit", (code) => {
      clearTimeout(timer);
      child.stderr.destroy();
      resolve(code === 0 ? null : said.trim() || `it ended with ${code}`);
    });
  });
}
