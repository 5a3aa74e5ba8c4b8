import type { RunView } from "#usecases/plan/plan-operations.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import type { Records } from "#usecases/records.ts";

/** As it stands in this transaction, whatever was done since `run` was read. */
export async function viewOf(records: Records, run: PlanRun): Promise<RunView> {
  const now = await records.runs.findForUpdate(run.id);
  return { run: now ?? run, steps: await records.runs.steps(run.id) };
}
