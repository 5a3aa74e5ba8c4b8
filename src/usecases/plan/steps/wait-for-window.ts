import type { WaitForWindow } from "#core/plan/guard.ts";
import type { PlanStep } from "#core/plan/plan.ts";
import type { StepNotes, Waits, Watch } from "#core/plan/notes.ts";
import { pathBehind, wayBackSeconds } from "#core/plan/timing.ts";
import { longestOpening, windowAt, type Asked } from "#core/plan/window.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import { sayInstant } from "#core/policy/say.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { isBefore } from "#core/span.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { PlanRun, RunStep } from "#usecases/plan/plan-records.ts";
import { stepKey } from "#usecases/plan/step-key.ts";
import type { PlanDeps, Standing, StepContext, StepDriver } from "#usecases/plan/steps/driver.ts";
import type { Records } from "#usecases/records.ts";
import { firstCheck, nextCheck, sweepEvery } from "#usecases/release/next-check.ts";
import { invokerOf } from "#usecases/release/request-deployment.ts";

type Context = StepContext<WaitForWindow>;

/**
 * Waits for a verdict as deployments do: a row that is looked at when the verdict says, and at once when a fact that it
 * may depend on has changed. What has not opened at the time-out ends as refused: nothing passes by waiting long enough.
 */
export const waitForWindow: StepDriver<WaitForWindow> = {
  begin: async (context) => await stand(context, await secondsNeeded(context), null),
  look: async (context, step) =>
    await stand(context, step.notes?.waits?.needsSeconds ?? (await secondsNeeded(context)), step),
  cancel: () => Promise.resolve({ state: "cancelled", outcome: "The run turned back before it opened." }),
};

/** As people gave it, or as what comes behind took before; where too little is known, its time-outs. */
async function secondsNeeded({ records, run, part, step, action }: Context): Promise<number> {
  if (action.needsSeconds !== null) return action.needsSeconds;
  const usual = await records.runs.usualSteps(run.runbook);
  const secondsOf = ({ name, timeoutSeconds }: PlanStep): number => usual.get(`${part}/${name}`) ?? timeoutSeconds;
  return Math.ceil(pathBehind(run.plan, part, step.name, secondsOf).seconds + wayBackSeconds(run.plan));
}

/** A step whose window is never long enough, as far as can be seen. */
export interface ShortWindow {
  readonly step: string;
  readonly needsSeconds: number;
  readonly longestSeconds: number;
}

/** The first step of a run that would wait for a window that never lasts as long as what comes behind it needs. */
export async function shortWindowIn(
  deps: PlanDeps,
  records: Records,
  run: PlanRun,
  at: Temporal.Instant,
): Promise<ShortWindow | null> {
  for (const step of run.plan.steps) {
    const { action, name } = step;
    if (action.kind !== "wait-for-window") continue;
    const key = stepKey(run.id, { part: "forward", name });
    const context: Context = { deps, records, run, part: "forward", step, action, key, at, deadline: run.deadline };
    const { judged, unknown } = await judgeAll(context);
    const longestSeconds = unknown.length > 0 ? null : longestOpening(judged);
    const needsSeconds = await secondsNeeded(context);
    if (longestSeconds !== null && longestSeconds < needsSeconds) return { step: name, needsSeconds, longestSeconds };
  }
  return null;
}

interface Judged extends Asked {
  readonly verdict: Verdict;
  readonly facts: Facts;
}

async function stand(context: Context, needsSeconds: number, before: RunStep | null): Promise<Standing> {
  const { at, deadline, action, records } = context;
  const { judged, unknown } = await judgeAll(context);
  const standing = windowAt(judged, needsSeconds, at);
  if (standing.isOpen && unknown.length === 0) {
    await keepVerdicts(records, judged);
    const zone = judged[0]?.verdict.zone ?? null;
    return { state: "done", outcome: `It is open until ${sayInstant(standing.until, zone)}.`, notes: {} };
  }
  const because = standing.isOpen ? unknown : [...unknown, ...standing.because];
  if (!isBefore(at, deadline)) {
    await keepVerdicts(records, judged);
    return { state: "refused", outcome: `It did not open in time. ${because.join(" ")}` };
  }
  const from = standing.isOpen ? null : standing.from;
  const waits: Waits = { because, until: unknown.length === 0 ? (from?.toString() ?? null) : null, needsSeconds };
  const notes: StepNotes = { waits };
  const lookAt = earliest(context, judged, from);
  if (isSameWait(before?.notes?.waits, waits)) return { state: "running", lookAt };
  // What says the same as before is not put on record again.
  await keepVerdicts(records, judged);
  // Whoever changes a fact before this is committed cannot see what is watched here: the next look is not left to them.
  return { state: "running", lookAt: firstCheck(at), notes, watches: watchOf(action, judged) };
}

/** By their parts: the store gives them back in an order of its own. */
function isSameWait(before: Waits | null | undefined, now: Waits): boolean {
  if (before === null || before === undefined) return false;
  const isSameReason = JSON.stringify(before.because) === JSON.stringify(now.because);
  return isSameReason && before.until === now.until && before.needsSeconds === now.needsSeconds;
}

function watchOf({ environment, services }: WaitForWindow, judged: readonly Judged[]): Watch {
  const digests = judged.flatMap(({ facts: { artifact } }) =>
    artifact === null || artifact === "assumed" ? [] : [artifact.digest],
  );
  return { environment, services: services.map(({ service }) => service), digests };
}

/** When the first of the verdicts may be another one, and at the time-out at the latest. */
function earliest(
  { at, deadline }: Context,
  judged: readonly Judged[],
  from: Temporal.Instant | null,
): Temporal.Instant {
  let next = at.add(sweepEvery);
  for (const moment of [...judged.map(({ verdict }) => nextCheck(verdict, at)), from, deadline]) {
    if (moment !== null && isBefore(at, moment) && isBefore(moment, next)) next = moment;
  }
  return next;
}

async function keepVerdicts(records: Records, judged: readonly Judged[]): Promise<void> {
  for (const { verdict, facts } of judged) await records.verdicts.save(verdict, facts, "sweep", null);
}

async function judgeAll(context: Context) {
  const { records, run, action } = context;
  const { people } = await records.catalog.inForce();
  const judged: Judged[] = [];
  const unknown: string[] = [];
  for (const { service, version } of action.services) {
    const named = version ?? (await records.inventory.current(service, action.environment))?.version ?? null;
    if (named === null) {
      unknown.push(`It is not known which version of ${service} is live in ${action.environment}.`);
      continue;
    }
    const subject: Subject = {
      service,
      version: named,
      environment: action.environment,
      action: action.action,
      class: action.class,
      invoker: invokerOf(people, run.account),
      requestedBy: run.startedBy,
      contentDigest: null,
      onBehalfOf: null,
    };
    judged.push(await judgeOnce(context, subject));
  }
  return { judged, unknown };
}

/** Many runs that are looked at together ask the same: a transaction sees one state of the facts. */
const known = new WeakMap<Records, Map<string, Judged>>();

async function judgeOnce({ deps, records, run, at }: Context, subject: Subject): Promise<Judged> {
  const remembered = known.get(records) ?? new Map<string, Judged>();
  known.set(records, remembered);
  const key = JSON.stringify(subject);
  const found = remembered.get(key);
  if (found !== undefined) return found;
  const loaded = await records.facts.load(subject, at, horizonOf(at));
  // A lock that this run holds itself is not in its way.
  const isOwn = loaded.locks.some(({ holder }) => holder === run.id);
  const facts = isOwn ? { ...loaded, subject: { ...subject, onBehalfOf: run.id } } : loaded;
  const judged = { name: subject.service, verdict: deps.judge(facts), facts };
  if (loaded.locks.length === 0) remembered.set(key, judged);
  return judged;
}
