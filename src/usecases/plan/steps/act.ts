import type { ActRequest } from "#core/plan/act-request.ts";
import type { TargetAction } from "#core/plan/act.ts";
import type { ChangeAction } from "#core/catalog/scope.ts";
import { systemActor } from "#usecases/records.ts";
import { environmentLock } from "#usecases/rollout/begin-run.ts";
import { judgeAct } from "#usecases/plan/judge-act.ts";
import type { StepDriver, Standing, StepContext } from "#usecases/plan/steps/driver.ts";
import { missingRight } from "#usecases/plan/steps/follow-deployment.ts";
import { voidedConsent } from "#usecases/plan/steps/approve.ts";
import { locksTaken } from "#usecases/plan/steps/lock.ts";
import type { StepEnd } from "#usecases/plan/plan-records.ts";

/** What a step asks of its target, and what the rules judge it as; null: it changes nothing for anybody. */
export interface Wanted {
  readonly request: ActRequest;
  readonly judged: { readonly version: string; readonly action: ChangeAction } | null;
}

/** A lock that is held is looked for again soon. */
const lockedPause = { seconds: 5 } as const;

/**
 * The driver of every step that acts at a target: it takes the lock of the environment for the run, asks the rules, and
 * starts a durable run that carries it out (`workflows/act-out.ts`) and ends the step with the answer. What has not
 * answered at the time-out counts as failed; a later answer finds the step ended and changes nothing.
 */
export function actDriver<Action extends TargetAction>(
  toWanted: (context: StepContext<Action>) => Promise<Wanted | StepEnd>,
  whenTurned: "follow" | "drop" = "follow",
): StepDriver<Action> {
  const begin = async (context: StepContext<Action>): Promise<Standing> => {
    const wanted = await toWanted(context);
    return "state" in wanted ? wanted : await tryToBegin(context, wanted);
  };
  return {
    begin,
    look: async (context) => {
      const act = await context.records.acts.find(idOf(context));
      if (act === null || act.fence === null) {
        // It has not begun: what was approved meanwhile counts now, and not what was when it came to its turn.
        const voided = await voidedConsent(context);
        return voided === null ? await begin(context) : { state: "refused", outcome: voided };
      }
      if (Temporal.Instant.compare(context.at, context.deadline) < 0) return waiting(context.deadline);
      return { state: "failed", outcome: "There was no answer in time; what became of it is not known." };
    },
    cancel: async (context) => {
      const act = await context.records.acts.find(idOf(context));
      if (act === null || act.fence === null) {
        return { state: "skipped", outcome: "The run turned back before it had begun." };
      }
      if (whenTurned === "drop") return { state: "cancelled", outcome: "The run turned back." };
      // It may be on its way: only its answer or its time-out ends it.
      return Temporal.Instant.compare(context.at, context.deadline) < 0
        ? waiting(context.deadline)
        : { state: "failed", outcome: "There was no answer in time; what became of it is not known." };
    },
  };
}

function waiting(lookAt: Temporal.Instant): Extract<Standing, { readonly state: "running" }> {
  return { state: "running", lookAt };
}

function idOf({ run, part, step }: StepContext) {
  return { run: run.id, part, name: step.name };
}

async function tryToBegin(context: StepContext, wanted: Wanted): Promise<Standing> {
  const { records, run, part } = context;
  const { environment } = wanted.request;
  if (part === "forward") {
    const missing = await missingRight(context, "deployment.request");
    if (missing !== null) return { state: "refused", outcome: missing };
  }
  const lock = await records.locks.take(environmentLock(environment), run.id, run.deadline);
  if (!lock.taken) {
    return await put(context, wanted, `The lock of ${environment} is held by ${lock.by.holder}.`, lockedPause);
  }
  const judged = part === "undo" ? null : wanted.judged;
  const obstacle = judged === null ? null : await judgeAct(context, wanted.request, judged);
  if (obstacle === null) return await carryOut(context, wanted, await fenceOf(context, environment, lock.fence));
  await letGo(context, environment);
  if (obstacle.kind === "never") return { state: "refused", outcome: obstacle.why };
  return await put(context, wanted, obstacle.why, obstacle.pause);
}

/** It waits, or its time is over before anything was touched. */
async function put(
  context: StepContext,
  { request }: Wanted,
  why: string,
  pause: Temporal.DurationLike,
): Promise<Standing> {
  const { at, deadline, records } = context;
  if (Temporal.Instant.compare(at, deadline) >= 0) {
    return { state: "refused", outcome: `It could not begin in time. ${why}` };
  }
  const { environment, service } = request;
  await records.acts.put({ ...idOf(context), environment, service, fence: null, waitsFor: why, request });
  const next = at.add(pause);
  const lookAt = Temporal.Instant.compare(next, deadline) < 0 ? next : deadline;
  const notes = { waits: { because: [why], until: null, needsSeconds: 0 } };
  return { ...waiting(lookAt), notes, watches: { environment, services: [service], digests: [] } };
}

/** Whoever waits for leave does not keep the others out, unless the run has acted there already. */
async function letGo({ records, run }: StepContext, environment: string): Promise<void> {
  const acts = await records.acts.ofRun(run.id);
  if (acts.some((act) => act.environment === environment && act.fence !== null)) return;
  if ((await locksTaken(records, run)).some(({ action }) => action.environments.includes(environment))) return;
  await records.locks.release(environmentLock(environment), run.id);
}

/**
 * The number of the lock; on the way back a higher one than all that went forward had, so that the target refuses what
 * was sent on the way forward and arrives only now.
 */
async function fenceOf({ records, run, part }: StepContext, environment: string, fence: number): Promise<number> {
  if (part === "forward") return fence;
  const acts = await records.acts.ofRun(run.id);
  const isUsed = acts.some(
    (act) => act.part === "forward" && act.environment === environment && act.fence !== null && act.fence >= fence,
  );
  if (!isUsed) return fence;
  const renewed = await records.locks.renew(environmentLock(environment), run.id);
  if (renewed === null) throw new Error(`${run.id} has lost the lock of ${environment}`);
  return renewed;
}

async function carryOut(context: StepContext, { request }: Wanted, fence: number): Promise<Standing> {
  const { deps, records, run, key, at, deadline } = context;
  const { environment, service } = request;
  await records.acts.put({ ...idOf(context), environment, service, fence, waitsFor: null, request });
  await records.audit.append({
    at,
    actor: systemActor,
    action: "run.act",
    object: key,
    outcome: "begun",
    reason: run.reason,
    verdict: null,
    requestId: null,
    before: null,
    after: { fence, ...request },
  });
  await deps.startCall(records, idOf(context), "acts");
  return { ...waiting(deadline), notes: {} };
}
