import { manualClock, type ManualClock } from "#runtime/clock.ts";
import { createMemoryEngine, type MemoryEngine } from "#workflows/engine/memory.ts";
import { samplesOf, type Samples } from "./samples.ts";

/** A transaction in memory: changes are collected and applied at the commit. */
export interface MemoryTx {
  readonly changes: (() => void)[];
}

export interface MemoryBench {
  readonly engine: MemoryEngine<MemoryTx>;
  readonly clock: ManualClock;
  readonly samples: Samples<MemoryTx>;
  readonly transact: <T>(body: (tx: MemoryTx) => Promise<T>) => Promise<T>;
  readonly effects: { readonly name: string; readonly key: string }[];
  readonly rows: string[];
}

export const startOfTime = Temporal.Instant.from("2026-11-20T08:00:00Z");

export async function transact<T>(body: (tx: MemoryTx) => Promise<T>): Promise<T> {
  const tx: MemoryTx = { changes: [] };
  const value = await body(tx);
  for (const change of tx.changes) change();
  return value;
}

/** With every sample workflow but those left out. */
export function memoryBench(leftOut: readonly string[] = []): MemoryBench {
  const clock = manualClock(startOfTime);
  const afterCommit = (tx: MemoryTx, effect: () => void) => void tx.changes.push(effect);
  const engine = createMemoryEngine<MemoryTx>({ clock, transact, afterCommit });
  const effects: MemoryBench["effects"] = [];
  const rows: string[] = [];
  const samples = samplesOf<MemoryTx>({
    effect: async (name, key) => void effects.push({ name, key }),
    insert: async (tx, name) => void tx.changes.push(() => rows.push(name)),
  });
  for (const workflow of Object.values(samples)) {
    if (!leftOut.includes(workflow.name)) engine.register<never, unknown>(workflow);
  }
  return { engine, clock, samples, transact, effects, rows };
}
