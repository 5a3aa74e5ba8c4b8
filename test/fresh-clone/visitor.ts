import { spawn } from "node:child_process";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { cleanEnvironment, processesIn, type Seen } from "./machine.ts";

/** Somebody at a terminal: a clone, a home of their own, and a Node that is not ours. */
export interface Visitor {
  /** Everything of this visit is below it, so that its processes can be told from others. */
  readonly base: string;
  readonly clone: string;
  readonly nodeFolder: string;
  readonly home: string;
  /** null: whoever runs the tests. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
  readonly ports: {
    readonly server: number;
    readonly agent: number;
    readonly proxies: string;
    readonly services: string;
  };
}

export interface Started {
  readonly url: string;
  /** Everything that was printed so far. */
  readonly printed: () => string;
  /** From the command to the line that says that it is up. */
  readonly seconds: number;
  /** From the command to the first time that the text was printed; null when it was not. */
  readonly secondsTo: (text: string) => number | null;
  /** Waits until the text is printed; throws with what was printed when the process ends or the time is over. */
  readonly untilPrinted: (text: string | RegExp, withinSeconds: number) => Promise<number>;
  readonly running: () => readonly Seen[];
  /** Ctrl-C at the terminal; returns what is still there when the processes had time to end. */
  readonly interrupt: () => Promise<{ readonly left: readonly Seen[]; readonly seconds: number }>;
}

/** Long enough for an installation from an empty cache on a slow line. */
const startWithinSeconds = 300;
const goneWithinSeconds = 25;

/** `npm start …` in the clone; returns when it says that it is up. */
export async function npmStart(visitor: Visitor, args: readonly string[], up: RegExp): Promise<Started> {
  const stateDir = path.join(visitor.home, "state", args.length === 0 ? "demo" : "main");
  const startedAt = performance.now();
  const child = spawn("npm", ["start", ...(args.length === 0 ? [] : ["--", ...args])], {
    cwd: visitor.clone,
    env: {
      ...cleanEnvironment(visitor.nodeFolder, visitor.home),
      TIDEGATE_STATE_DIR: stateDir,
      TIDEGATE_PORT: String(visitor.ports.server),
      TIDEGATE_AGENT_PORT: String(visitor.ports.agent),
      TIDEGATE_PROXY_PORTS: visitor.ports.proxies,
      TIDEGATE_SERVICE_PORTS: visitor.ports.services,
    },
    ...visitor.user,
    // A group of its own, as a terminal makes one: Ctrl-C reaches all of it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const secondsSince = (from: number): number => (performance.now() - from) / 1000;
  let text = "";
  const marks: { readonly length: number; readonly seconds: number }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      marks.push({ length: text.length, seconds: secondsSince(startedAt) });
    });
  }
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  function secondsTo(wanted: string): number | null {
    const at = text.indexOf(wanted);
    return at === -1 ? null : (marks.find(({ length }) => length >= at + wanted.length)?.seconds ?? null);
  }

  async function untilPrinted(wanted: string | RegExp, withinSeconds: number): Promise<number> {
    const from = performance.now();
    while (!(typeof wanted === "string" ? text.includes(wanted) : wanted.test(text))) {
      const isOver = secondsSince(from) > withinSeconds;
      if (isOver || hasEnded()) {
        await interrupt();
        throw new Error(`${isOver ? "Not in time" : "Ended before"}: ${String(wanted)}. Printed was:\n${text}`);
      }
      await delay(50);
    }
    return secondsSince(from);
  }

  const running = (): readonly Seen[] => processesIn(visitor.base);

  async function interrupt(): Promise<{ readonly left: readonly Seen[]; readonly seconds: number }> {
    const from = performance.now();
    if (child.pid !== undefined && !hasEnded()) process.kill(-child.pid, "SIGINT");
    while (secondsSince(from) < goneWithinSeconds && (!hasEnded() || running().length > 0)) await delay(50);
    const left = running();
    // What the product has left behind is the finding; the machine is cleaned all the same.
    for (const { pid } of left) endHard(pid);
    return { left, seconds: secondsSince(from) };
  }

  await untilPrinted(up, startWithinSeconds);
  const url = `http://127.0.0.1:${visitor.ports.server}`;
  const seconds = secondsSince(startedAt);
  return { url, printed: () => text, seconds, secondsTo, untilPrinted, running, interrupt };
}

function endHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself in the meantime.
  }
}
