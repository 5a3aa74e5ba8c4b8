import { setTimeout as delay } from "node:timers/promises";
import { query, sql } from "#store/sql.ts";
import { z } from "zod";
import { until, type Installation, type ProcessName } from "#test/support/installation.ts";

export const victims = ["worker", "api", "postgres", "agent", "worker and postgres"] as const;
export type Victim = (typeof victims)[number];

/** Behind which line of a run something is killed, how much later, and what. */
export interface Moment {
  readonly behind: string;
  readonly delayMs: number;
  readonly victim: Victim;
}

export interface Injected extends Moment {
  readonly run: number;
  /** Until the next line of the run was written, or the run was seen to have ended. */
  readonly recoverySeconds: number;
}

/** Numbers in [0, 1), the same in every run with the same seed (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const longestDelayMs = 500;

/**
 * Moments for `runs` runs, two in each: every line of a run gets its turn, every victim about as often as the others,
 * and the delays fall where the seed says.
 */
export function planMoments(seed: number, runs: number, lines: readonly string[]): readonly (readonly Moment[])[] {
  const next = seededNumbers(seed);
  const half = Math.ceil(lines.length / 2);
  let turn = Math.floor(next() * victims.length);
  return Array.from({ length: runs }, (_, run) =>
    [run % half, half + (run % (lines.length - half))].map((index) => {
      const victim = victims[turn++ % victims.length];
      const behind = lines[index];
      if (victim === undefined || behind === undefined) throw new Error("no such line");
      return { behind, delayMs: Math.floor(next() * longestDelayMs), victim };
    }),
  );
}

/** Kills the victim of a moment and starts again what nobody else does; PostgreSQL is the product's own affair. */
export async function strike(on: Installation, victim: Victim): Promise<void> {
  const names: readonly ProcessName[] = victim === "worker and postgres" ? ["worker", "postgres"] : [victim];
  const former = on.pidOf("postgres");
  await Promise.all(names.map((name) => on.kill(name, "SIGKILL")));
  if (names.includes("postgres")) await until("another PostgreSQL", async () => on.pidOf("postgres") !== former);
  for (const name of names) if (name !== "postgres") await on.restart(name);
}

const lookEveryMs = 10;
const progressWithinMs = 90_000;

export interface Seen {
  readonly lines: readonly string[];
  readonly state: string;
}

/** Lines and state of a deployment as the store has them; asked again while the store is away. */
export async function look(on: Installation, id: string): Promise<Seen> {
  let seen: Seen | null = null;
  await until("the store answers", async () => {
    const lines = await query(
      on.pool,
      sql`select name from timeline_event where deployment_id = ${id} order by seq`,
      z.object({ name: z.string() }),
    );
    const [row] = await query(
      on.pool,
      sql`select state from deployment where id = ${id}`,
      z.object({ state: z.string() }),
    );
    seen = { lines: lines.map(({ name }) => name), state: row?.state ?? "absent" };
    return true;
  });
  if (seen === null) throw new Error("nothing was seen");
  return seen;
}

export const endStates: ReadonlySet<string> = new Set([
  "succeeded",
  "rolled-back",
  "aborted",
  "cancelled",
  "rejected",
  "failed",
  "needs-human",
]);

/** Waits for the moment, strikes, and waits for the run to go on. */
export async function inject(on: Installation, id: string, run: number, moment: Moment): Promise<Injected> {
  await passesLine(on, id, moment.behind);
  await delay(moment.delayMs);
  const before = await look(on, id);
  const startedAt = performance.now();
  await strike(on, moment.victim);
  await until(
    `run ${run} goes on behind "${moment.behind}" without ${moment.victim}`,
    async () => {
      const now = await look(on, id);
      return endStates.has(now.state) || now.lines.length > before.lines.length;
    },
    progressWithinMs,
  );
  return { ...moment, run, recoverySeconds: (performance.now() - startedAt) / 1000 };
}

/** `requested` is behind the request itself; a run that has ended has passed everything. */
async function passesLine(on: Installation, id: string, line: string): Promise<void> {
  const deadline = performance.now() + progressWithinMs;
  for (;;) {
    const { lines, state } = await look(on, id);
    if (line === "requested" ? state !== "absent" : lines.includes(line) || endStates.has(state)) return;
    if (performance.now() > deadline) throw new Error(`${id} has not come to "${line}": ${state}, ${lines.join(", ")}`);
    await delay(lookEveryMs);
  }
}

export function renderTable(injected: readonly Injected[]): string {
  const rows = injected.map(({ run, behind, delayMs, victim, recoverySeconds }) =>
    [
      String(run).padStart(3),
      `${behind} + ${delayMs} ms`.padEnd(32),
      victim.padEnd(20),
      recoverySeconds.toFixed(1).padStart(6),
    ].join("  "),
  );
  return [`run  ${"moment".padEnd(32)}  ${"killed".padEnd(20)}  until it went on, s`, ...rows].join("\n");
}
