import { lookAtRun } from "#usecases/plan/advance-run.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Transact } from "#usecases/records.ts";

export interface LookAtRunsDeps extends PlanDeps {
  readonly transact: Transact;
  readonly report: (run: string, error: unknown) => void;
}

/** Looked at in one turn; the next turn comes at once while there are more. */
const atOnce = 500;
/** A run that could not be looked at keeps nobody from the others. */
const pauseAfterError = { seconds: 30 } as const;

/** Moves every run on that has something due; each in a transaction of its own. Returns how many were looked at. */
export function makeLookAtRuns(deps: LookAtRunsDeps): () => Promise<number> {
  return async () => {
    const due = await deps.transact((records) => records.runs.due(deps.now(), atOnce));
    for (const id of due) {
      try {
        await deps.transact(async (records) => {
          const run = await records.runs.findForUpdate(id);
          if (run?.endedAt === null) await lookAtRun(deps, records, run);
        });
      } catch (error) {
        deps.report(id, error);
        await deps.transact((records) => records.runs.pause(id, deps.now().add(pauseAfterError)));
      }
    }
    return due.length;
  };
}
