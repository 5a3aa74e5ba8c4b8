import type { JudgeRehearsal } from "#core/plan/action.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import type { Records } from "#usecases/records.ts";
import { keepRehearsal } from "#usecases/rollback/keep-rehearsal.ts";

/**
 * A rehearsal that ended without a result has failed, whatever broke it off: a step, its time, a person, or a machine.
 * Without this an older one that passed would go on to count. Runs that rehearse nothing are left alone.
 */
export async function noteBrokenRehearsal(
  records: Records,
  { id: run, plan, reason: why }: PlanRun,
  outcome: string,
  at: Temporal.Instant,
): Promise<void> {
  const pair = plan.rollback.map(({ action }) => action).find(isJudge);
  if (pair === undefined) return;
  const { service, version, digest, former, formerDigest, environment } = pair;
  const tried = { service, version, digest, former, formerDigest, environment };
  const found = {
    ...tried,
    run,
    at,
    outcome: "fail",
    seconds: 0,
    compared: [],
    differing: [],
    reason: outcome,
  } as const;
  await keepRehearsal(records, found, why);
}

function isJudge(action: { readonly kind: string }): action is JudgeRehearsal {
  return action.kind === "judge-rehearsal";
}
