import { isUnderWay } from "#core/plan/advance.ts";
import { sayOverrun, type StepTime } from "#core/plan/overrun.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import { systemActor, type Records } from "#usecases/records.ts";

/** True when the run has to be told late now: once, and not on the way back that somebody chose. */
export function isLate({ alertAt, overrun, turned }: PlanRun, at: Temporal.Instant): boolean {
  return overrun === null && turned === null && alertAt !== null && Temporal.Instant.compare(alertAt, at) <= 0;
}

/** Puts on record that the run takes longer than it should, with the step that made it so; nothing when it has ended. */
export async function tellLate(records: Records, id: string, at: Temporal.Instant): Promise<void> {
  const run = await records.runs.find(id);
  if (run === null || run.endedAt !== null) return;
  const usual = await records.runs.usualSteps(run.runbook);
  const times = (await records.runs.steps(id)).map(({ part, name, begunAt, endedAt, state }): StepTime => ({
    name,
    seconds: ((endedAt ?? at).epochMilliseconds - begunAt.epochMilliseconds) / 1000,
    usual: usual.get(`${part}/${name}`) ?? null,
    isUnderWay: isUnderWay(state),
  }));
  const because = sayOverrun(run, at, times);
  await records.runs.overrun(id, { at, because });
  await records.audit.append({
    at,
    actor: systemActor,
    action: "run.overrun",
    object: id,
    outcome: "late",
    reason: because,
    verdict: null,
    requestId: null,
    before: null,
    after: { usualSeconds: run.usualSeconds, latestRollbackStart: run.turnAt.toString() },
  });
}
