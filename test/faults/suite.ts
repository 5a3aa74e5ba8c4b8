import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { query, sql } from "#store/sql.ts";
import type { Fault } from "./fault.ts";
import { examine, type Memory } from "./oracle.ts";
import { openPlane, type Plane } from "./plane.ts";

/** Numbers of every random choice; another by TIDEGATE_FAULTS_SEED. */
export const seed = Number(process.env["TIDEGATE_FAULTS_SEED"] ?? 20_261_121);
/** `commit`: those of every commit; `all`: the long ones too; when left out, all that are not long. */
const extent = process.env["TIDEGATE_FAULTS"] ?? "short";
/** Only faults whose id or title contains this. */
const only = process.env["TIDEGATE_FAULTS_ONLY"] ?? "";

interface Row {
  readonly fault: Fault;
  readonly times: number;
  readonly result: "held" | "broken" | "not run";
  readonly recoverySeconds: number | null;
  readonly tookSeconds: number;
  readonly note: string;
}

/**
 * Plays faults one after the other on one plane. After each one everything that was promised has to end without a hand,
 * a new release has to succeed, and the three ledgers have to agree.
 */
export async function playFaults(faults: readonly Fault[], least: { readonly commit: number; readonly short: number }) {
  const leastPlayed = extent === "commit" ? least.commit : least.short;
  await test("Whatever breaks, nothing that was promised is lost or done twice", { timeout: 3_600_000 }, async (t) => {
    await using plane = await openPlane(seed);
    const memory: Memory = { ends: new Map(), told: new Set() };
    const rows: Row[] = [];
    try {
      for (const fault of faults) {
        if (!new RegExp(only).test(`${fault.id} ${fault.title}`)) continue;
        const lack = leftOut(fault) ?? fault.lacks(plane);
        if (lack !== null) {
          rows.push({ fault, times: 0, result: "not run", recoverySeconds: null, tookSeconds: 0, note: lack });
          continue;
        }
        await t.test(`${fault.id} ${fault.title}`, async () => {
          await play(plane, memory, fault, rows);
        });
      }
    } finally {
      console.log(renderRows(rows));
    }
    const played = rows.filter(({ result }) => result !== "not run");
    if (only === "") assert.ok(played.length >= leastPlayed, `only ${played.length} faults could be played here`);
  });
}

/** Why this run leaves it out; null: it does not. */
function leftOut({ isLong, onEveryCommit }: Fault): string | null {
  if (extent === "all") return null;
  if (isLong) return "long; TIDEGATE_FAULTS=all plays it";
  return extent === "commit" && !onEveryCommit ? "npm test -- faults plays it" : null;
}

async function play(plane: Plane, memory: Memory, fault: Fault, rows: Row[]): Promise<void> {
  const startedAt = performance.now();
  const tookSeconds = (): number => (performance.now() - startedAt) / 1000;
  let times = 0;
  try {
    const { injected, expect } = await fault.inject(plane);
    ({ times } = injected);
    assert.ok(times > 0, "nothing was injected");
    const recoverySeconds = await plane.load.ended(injected.work);
    await expect();
    // Nobody has to be told that the fault is over.
    const probe = await Promise.all([plane.load.deploy(), plane.load.run("one-call")]);
    await plane.load.ended(probe);
    const states = await plane.load.statesOf(probe);
    for (const { id } of probe) assert.equal(states.get(id), "succeeded", "work after the fault");
    assert.deepEqual(await examine(plane, memory), []);
    rows.push({ fault, times, result: "held", recoverySeconds, tookSeconds: tookSeconds(), note: "" });
  } catch (error) {
    const note = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
    rows.push({ fault, times, result: "broken", recoverySeconds: null, tookSeconds: tookSeconds(), note });
    if (process.env["TIDEGATE_TEST_KEEP"] === "1") console.log(note, await timelines(plane, String(error)));
    await heal(plane);
    throw error;
  }
}

/** The lines of the deployments that an error names, for whoever looks into it. */
async function timelines({ pool, targets }: Plane, error: string): Promise<string> {
  const ids = [...new Set(error.match(/dep_[0-9a-f]{32}/g))];
  const row = z.object({ id: z.string(), at: z.string(), name: z.string(), sentence: z.string() });
  const lines = await query(
    pool,
    sql`select deployment_id as id, at::text, name, sentence from timeline_event where deployment_id = any(${ids}) order by seq`,
    row,
  );
  const effects = targets.ledger.filter(({ key }) => ids.some((id) => key.startsWith(id)));
  return [...lines, ...effects].map((line) => JSON.stringify(line)).join("\n");
}

/** Whatever a fault that failed has left broken must not break the next one. */
async function heal(plane: Plane): Promise<void> {
  plane.targets.disarm();
  plane.receiver.release();
  for (const seat of ["api", "worker-1", "worker-2"] as const) {
    plane.proxyOf(seat).set({ kind: "none" });
    if (plane.processes.isRunning(seat)) plane.processes.signal(seat, "SIGCONT");
    else await plane.processes.restart(seat);
  }
  for (const seat of ["worker-3", "worker-4"] as const)
    if (plane.processes.names().includes(seat)) await plane.processes.kill(seat);
}

function renderRows(rows: readonly Row[]): string {
  const lines = rows.map(({ fault, times, result, recoverySeconds, tookSeconds, note }) =>
    [
      fault.id.padEnd(4),
      fault.title.slice(0, 84).padEnd(84),
      String(times).padStart(8),
      result.padEnd(7),
      (recoverySeconds === null ? "" : recoverySeconds.toFixed(1)).padStart(11),
      tookSeconds.toFixed(1).padStart(7),
      note,
    ].join("  "),
  );
  const head = ["id  ", "fault".padEnd(84), "injected", "result ", "recovery, s", "took, s", ""].join("  ");
  return [head, ...lines].join("\n");
}
