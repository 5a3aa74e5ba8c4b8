import { z } from "zod";
import type { MemoryEngine } from "#workflows/engine/memory.ts";

/*
 * Replay of recorded histories: before a release, what older versions left behind is carried on by the new code. A step
 * that was renamed, moved or dropped makes the run fail, here instead of in production.
 */

const entry = z.discriminatedUnion("kind", [
  z.object({ name: z.string(), kind: z.literal("value"), value: z.unknown().default(null) }),
  z.object({ name: z.string(), kind: z.literal("error"), message: z.string() }),
]);

export const recordedHistory = z.object({
  workflow: z.string(),
  input: z.unknown(),
  children: z.array(z.object({ id: z.string(), workflow: z.string(), input: z.unknown(), journal: z.array(entry) })),
  journal: z.array(entry),
  outcome: z.unknown(),
});
export type RecordedHistory = z.infer<typeof recordedHistory>;

/**
 * Carries the run on from each of its prefixes (crashed before the first step, after it, … after the last). The result
 * is one sentence per failure; none = the code still understands the history.
 */
export async function replay<Tx>(
  history: RecordedHistory,
  fresh: () => MemoryEngine<Tx>,
  whenWaiting: (engine: MemoryEngine<Tx>, id: string) => Promise<void> = (engine) => engine.drain(),
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (let known = 0; known <= history.journal.length; known += 1) {
    const engine = fresh();
    const { workflow, input, journal } = history;
    const id = "recorded";
    engine.restore({ id, workflow, input, place: { queue: "replay", key: id }, journal: journal.slice(0, known) });
    if (known === journal.length) {
      for (const child of history.children) engine.restore({ ...child, place: { queue: "replay", key: child.id } });
    }
    await engine.settle();
    await whenWaiting(engine, id);
    const run = engine.inspect(id);
    const isSame = run?.status === "done" && JSON.stringify(run.output) === JSON.stringify(history.outcome);
    if (!isSame)
      failures.push(`after ${known} steps: ${run?.error ?? `${run?.status} with ${JSON.stringify(run?.output)}`}`);
  }
  return failures;
}
