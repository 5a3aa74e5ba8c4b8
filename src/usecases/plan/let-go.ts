import { isTargetAction } from "#core/plan/act.ts";
import type { Records } from "#usecases/records.ts";
import type { StepAction } from "#core/plan/action.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import { environmentLock } from "#usecases/rollout/begin-run.ts";

/** Gives back the locks of the environments that the run has kept, and wakes the work that waits for them. */
export async function letGoOfTargets(records: Records, { id, plan }: PlanRun, at: Temporal.Instant): Promise<void> {
  const steps = [...plan.steps, ...plan.rollback];
  // Most runs act nowhere; they need no look.
  if (!steps.some(({ action, compensation }) => holdsPlaces(action) || undoesAtTarget(compensation))) return;
  const prefix = environmentLock("");
  for (const key of await records.locks.heldBy(id)) {
    await records.locks.release(key, id);
    if (key.startsWith(prefix)) await records.deployments.wake(key.slice(prefix.length), at);
  }
}

function holdsPlaces(action: StepAction): boolean {
  return isTargetAction(action) || action.kind === "lock";
}

function undoesAtTarget(compensation: PlanRun["plan"]["steps"][number]["compensation"]): boolean {
  return compensation.kind === "undo" && isTargetAction(compensation.action);
}
