import { lookAtRun } from "#usecases/plan/advance-run.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface LookAtRunsDeps extends PlanDeps {
  readonly transact: Transact;
  /** The same transaction with these runs in the place of its own. */
  readonly withRuns: (records: Records, runs: Records["runs"]) => Records;
  readonly report: (run: string, error: unknown) => void;
  /** What an error says of the run: nothing at all when the store is away, and little when somebody was in the way. */
  readonly transient: { readonly is: (error: unknown) => boolean; readonly isLoss: (error: unknown) => boolean };
}

/** Looked at in one transaction: each more makes the others wait longer for their commit. */
const atOnce = 200;
/** A run that could not be looked at keeps nobody from the others. */
const pauseAfterError = { seconds: 30 } as const;
const pauseAfterConflict = { seconds: 2 } as const;

/**
 * Moves every run on that has something due, many in one transaction, until nothing is due that nobody else has in hand.
 * Returns how many were looked at; throws when the store is away.
 */
export function makeLookAtRuns(deps: LookAtRunsDeps): () => Promise<number> {
  return async () => {
    let looked = 0;
    for (;;) {
      const due = await deps.transact((records) => records.runs.due(deps.now(), atOnce));
      if (due.length === 0) return looked;
      const moved = await lookAtAll(deps, due);
      looked += moved;
      if (moved === 0 || due.length < atOnce) return looked;
    }
  };
}

/** Together, or one by one when they do not get on together: one that fails must not hold up the others. */
async function lookAtAll(deps: LookAtRunsDeps, ids: readonly string[]): Promise<number> {
  try {
    return await deps.transact(async (records) => {
      const { found, runs, flush } = await records.runs.batch(ids);
      const batch = deps.withRuns(records, runs);
      for (const run of found) if (run.endedAt === null) await lookAtRun(deps, batch, run);
      await flush();
      return found.length;
    });
  } catch (error) {
    if (deps.transient.isLoss(error)) throw error;
    for (const id of ids) await lookAtOne(deps, id);
    return ids.length;
  }
}

async function lookAtOne(deps: LookAtRunsDeps, id: string): Promise<void> {
  try {
    await deps.transact(async (records) => {
      const run = await records.runs.findForUpdate(id);
      if (run?.endedAt === null) await lookAtRun(deps, records, run);
    });
  } catch (error) {
    const { is, isLoss } = deps.transient;
    // Due as it was: whoever reaches the store first looks again.
    if (isLoss(error)) throw error;
    const pause = is(error) ? pauseAfterConflict : pauseAfterError;
    if (pause === pauseAfterError) deps.report(id, error);
    await deps.transact((records) => records.runs.pause(id, deps.now().add(pause)));
  }
}
