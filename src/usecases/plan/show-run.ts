import type { PlanOperations, QueuePlace, RunView } from "#usecases/plan/plan-operations.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import { placesOf } from "#usecases/plan/show-queue.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface ShowRunDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}

export function makeShowRun(deps: ShowRunDeps): PlanOperations["showRun"] {
  return (id) =>
    deps.transact(async (records) => {
      const run = await records.runs.find(id);
      return run === null ? null : await viewOf(records, run, deps.now());
    });
}

/** As it stands in this transaction, whatever was done since `run` was read. */
export async function viewOf(records: Records, run: PlanRun, now: Temporal.Instant): Promise<RunView> {
  const steps = await records.runs.steps(run.id);
  const queues = new Map<string, readonly QueuePlace[]>();
  for (const step of steps) {
    if (step.state === "queued") queues.set(`${step.part}/${step.name}`, await placesOf(records, step, now));
  }
  return { run: (await records.runs.find(run.id)) ?? run, steps, queues };
}
