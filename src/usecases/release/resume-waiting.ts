import type { DeploymentId } from "#core/id.ts";
import { correctionOf } from "#core/policy/correction.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { systemActor, type DeploymentRecord, type Records, type Transact } from "#usecases/records.ts";
import type { AdmitDeps } from "#usecases/release/admit.ts";
import { plannedSpan } from "#usecases/release/planned-span.ts";
import { tell } from "#usecases/release/move.ts";
import { nextCheck } from "#usecases/release/next-check.ts";

export interface ResumeWaitingDeps extends Pick<AdmitDeps, "now" | "judge" | "startRun"> {
  readonly transact: Transact;
  /** Told about work that could not be judged; the sweep goes on with the rest. */
  readonly report: (deployment: DeploymentId, error: unknown) => void;
}

/** Most rows one sweep takes; the next sweep takes the rest. */
export const sweepLimit = 200;

/** How long work that could not be judged is left alone: one poison row must not starve the others. */
const poisonPause = { minutes: 5 } as const;

/**
 * One sweep over waiting work whose timer is due: each is judged again in a transaction of its own, and started when
 * allowed. Runs on a timer on every worker, so nothing depends on a wake-up arriving. Returns how many it judged.
 */
export function makeResumeWaiting(deps: ResumeWaitingDeps): () => Promise<number> {
  return async () => {
    let judged = 0;
    while (judged < sweepLimit && (await resumeOne(deps))) judged++;
    return judged;
  };
}

async function resumeOne(deps: ResumeWaitingDeps): Promise<boolean> {
  let current: DeploymentId | null = null;
  try {
    return await deps.transact(async (records) => {
      const [due] = await records.deployments.due(deps.now(), 1);
      if (due === undefined) return false;
      current = due.id;
      await judgeAgain(deps, records, due);
      return true;
    });
  } catch (error) {
    if (current === null) throw error;
    const poisoned = current;
    deps.report(poisoned, error);
    await deps.transact((records) => records.deployments.note(poisoned, { nextCheckAt: deps.now().add(poisonPause) }));
    return true;
  }
}

async function judgeAgain(deps: ResumeWaitingDeps, records: Records, due: DeploymentRecord): Promise<void> {
  const at = deps.now();
  const facts = await records.facts.load({ ...due.subject, onBehalfOf: due.id }, at, horizonOf(at));
  const verdict = deps.judge(facts);
  const verdictId = await records.verdicts.save(verdict, facts, "sweep", due.id);
  const told = due.verdict === null ? null : await records.verdicts.find(due.verdict);
  const judgeAt = (instant: Temporal.Instant): Verdict => deps.judge({ ...facts, at: instant });
  const correction = told === null ? null : correctionOf(told, verdict, judgeAt);
  if (correction !== null) await records.notices.add({ deployment: due.id, verdict: verdictId, at, correction });
  await records.deployments.replan(due.booking, plannedSpan(verdict, at, facts.horizon, facts.agreedSlot));
  if (verdict.decision !== "allow") {
    await records.deployments.note(due.id, { verdict: verdictId, nextCheckAt: nextCheck(verdict, at) });
    return;
  }
  await tell(records, due, { kind: "allowed" }, { verdict: verdictId, nextCheckAt: null });
  await records.deployments.note(due.id, { run: await deps.startRun(records, due, verdictId) });
  await records.audit.append({
    at,
    actor: systemActor,
    action: "deployment.queue",
    object: due.id,
    outcome: verdict.decision,
    reason: "every rule passes",
    verdict: verdictId,
    requestId: null,
    before: { state: "waiting" },
    after: { state: "queued" },
  });
}
