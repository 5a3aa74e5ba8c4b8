import type { DeploymentId } from "#core/id.ts";
import { correctionOf } from "#core/policy/correction.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { isBefore } from "#core/span.ts";
import { systemActor, type DeploymentRecord, type Records, type Transact } from "#usecases/records.ts";
import type { AdmitDeps } from "#usecases/release/admit.ts";
import { plannedSpan } from "#usecases/release/planned-span.ts";
import { tell } from "#usecases/release/move.ts";
import { nextCheck } from "#usecases/release/next-check.ts";

export interface ResumeWaitingDeps extends Pick<AdmitDeps, "now" | "judge" | "startRun"> {
  readonly transact: Transact;
  /** Told about work that could not be judged; the sweep goes on with the rest. */
  readonly report: (deployment: DeploymentId, error: unknown) => void;
  /** Absent: whatever fails is the fault of the work. */
  readonly transient?: Transient;
}

/** Failures of the store, which are not the fault of the work at which they were met. */
interface Transient {
  readonly is: (error: unknown) => boolean;
  /** The store is away: nothing else can be judged either. */
  readonly isLoss: (error: unknown) => boolean;
  /** Milliseconds from anywhere. */
  readonly stopwatch: () => number;
}

/** Most rows one sweep takes; the next sweep takes the rest. */
export const sweepLimit = 200;

/** How long work that cannot be judged is left alone: one poison row must not starve the others. */
const poisonPause = { minutes: 5 } as const;

/** Work that met a failure of the store is passed over for this long, doubled each time. Nothing is written about it. */
const firstPassOverMs = 500;
const maxPassOverMs = 60_000;

interface PassedOver {
  readonly tries: number;
  readonly untilMs: number;
}

/** By the id of the work; of this process alone, for another one may have better luck. */
type Skipped = Map<DeploymentId, PassedOver>;

/**
 * One sweep over waiting work whose timer is due: each is judged again in a transaction of its own, and started when
 * allowed. Runs on a timer on every worker, so nothing depends on a wake-up arriving. Returns how many it judged. Throws
 * when the store is away; everything is as it was then, and the next sweep finds it.
 */
export function makeResumeWaiting(deps: ResumeWaitingDeps): () => Promise<number> {
  const skipped: Skipped = new Map();
  return async () => {
    let judged = 0;
    for (let looked = 0; looked < sweepLimit; looked++) {
      const outcome = await resumeOne(deps, skipped, (records) => oldestDue(deps, skipped, records));
      if (outcome === "nothing-due") return judged;
      if (outcome === "judged") judged++;
    }
    return judged;
  };
}

/** The same for work by name, as far as it is still due: who has looked at thousands starts first what may go. */
export function makeResumeNamed(deps: ResumeWaitingDeps): (ids: readonly DeploymentId[]) => Promise<number> {
  return async (ids) => {
    let judged = 0;
    for (const id of ids) {
      const outcome = await resumeOne(deps, new Map(), (records) => ifStillDue(records, id, deps.now()));
      if (outcome === "judged") judged++;
    }
    return judged;
  };
}

type Find = (records: Records) => Promise<DeploymentRecord | undefined>;

async function oldestDue(
  deps: ResumeWaitingDeps,
  skipped: Skipped,
  records: Records,
): Promise<DeploymentRecord | undefined> {
  const isSkipped = (id: DeploymentId): boolean => (skipped.get(id)?.untilMs ?? 0) > (deps.transient?.stopwatch() ?? 0);
  const found = await records.deployments.due(deps.now(), 1 + skipped.size);
  return found.find(({ id }) => !isSkipped(id));
}

async function ifStillDue(
  records: Records,
  id: DeploymentId,
  now: Temporal.Instant,
): Promise<DeploymentRecord | undefined> {
  const found = await records.deployments.findForUpdate(id);
  const isDue = found?.state === "waiting" && found.nextCheckAt !== null && !isBefore(now, found.nextCheckAt);
  return isDue ? found : undefined;
}

async function resumeOne(
  deps: ResumeWaitingDeps,
  skipped: Skipped,
  find: Find,
): Promise<"judged" | "passed-over" | "nothing-due"> {
  let current: DeploymentId | null = null;
  try {
    return await deps.transact(async (records) => {
      const due = await find(records);
      if (due === undefined) return "nothing-due";
      current = due.id;
      await judgeAgain(deps, records, due);
      skipped.delete(due.id);
      return "judged";
    });
  } catch (error) {
    if (current === null || deps.transient?.isLoss(error) === true) throw error;
    const failed = current;
    if (deps.transient?.is(error) === true) {
      passOver(skipped, failed, deps.transient.stopwatch());
      return "passed-over";
    }
    deps.report(failed, error);
    await deps.transact((records) => records.deployments.note(failed, { nextCheckAt: deps.now().add(poisonPause) }));
    return "judged";
  }
}

/** More than that many at once is the store and not the work: the oldest is tried again early. */
const maxSkipped = 100;

function passOver(skipped: Skipped, id: DeploymentId, nowMs: number): void {
  const tries = skipped.get(id)?.tries ?? 0;
  skipped.delete(id);
  const [oldest] = skipped.keys();
  if (skipped.size >= maxSkipped && oldest !== undefined) skipped.delete(oldest);
  skipped.set(id, { tries: tries + 1, untilMs: nowMs + Math.min(firstPassOverMs * 2 ** tries, maxPassOverMs) });
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
  const planned = plannedSpan(verdict, { at, horizon: facts.horizon, agreed: facts.agreedSlot, before: null });
  await records.deployments.replan(due.booking, planned);
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
