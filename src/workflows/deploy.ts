import type { DeploymentId } from "#core/id.ts";
import type { Stage } from "#core/rollout/strategy.ts";
import type { Records } from "#usecases/records.ts";
import { beginRun } from "#usecases/rollout/begin-run.ts";
import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";
import { verifyLive } from "#usecases/rollout/finish.ts";
import { judgeStage, type StageGate } from "#usecases/rollout/judge-stage.ts";
import { proveControls } from "#usecases/rollout/prove-controls.ts";
import { abortedCode, askedToAbort, unlessAborted } from "#usecases/rollout/look-for-abort.ts";
import { shiftTraffic } from "#usecases/rollout/shift-traffic.ts";
import type { Since } from "#usecases/rollout/traffic-view.ts";
import { watchStage } from "#usecases/rollout/watch-stage.ts";
import { end, endBack, patient, stopIdle, stubborn, type Breach } from "#workflows/ending.ts";
import { endForward, endSettled, type Forward } from "#workflows/forward.ts";
import { answerBreach, hold, holdAt } from "#workflows/holding.ts";
import { prepare, sayShift, swapInPlace } from "#workflows/methods.ts";
import type { Flow, Workflow } from "#workflows/flow.ts";

export interface DeployInput {
  readonly deployment: DeploymentId;
}

/** Name of the queue; its partition is the environment, and one run per partition is the lock (ADR 0004). */
export const environmentQueue = "environments";

/** A pause ends after this long: each look waits for an hour, for the instant a rule named, or until somebody calls. */
const longestPauseHours = 24;
/** Calls that came while the run was watching are all heard at once, so there may be many looks within a moment. */
const maxLooks = 500;

/**
 * One deployment from lock to end. States: begun → prepared → stage by stage → live, or back to the former version.
 * After a crash the run goes on behind the last recorded step; every effect carries the key of its step and the number
 * of the lock, so a repeated step changes nothing at the target.
 */
export function makeDeploy(deps: RolloutDeps): Workflow<Records, DeployInput, string> {
  return {
    name: "deploy",
    body: async (flow, { deployment }) => {
      const begun = await flow.tx("begin", (records) => beginRun(deps, records, deployment));
      if (!begun.go) return begun.because;
      const { change } = begun;
      const refused = await attempted(() => prepare(deps, flow, change));
      if (refused !== null) return await endUntouched(deps, flow, change, refused);
      const way: Way = { firstSecond: null, cutOver: null, reached: 0, forward: null };
      const breach = await attempted(() => advance(deps, flow, change, way));
      return breach === null ? await endLive(deps, flow, change, way) : await endBack(deps, flow, change, breach);
    },
  };
}

/** How far a run has come; what it is made of is recorded, so it is the same after a crash. */
interface Way extends Forward {
  /** At the target, from which the version has been watched. */
  firstSecond: number | null;
  cutOver: number | null;
  /** The greatest share that the version has had, or may have had. */
  reached: number;
  forward: string | null;
}

/** A step whose repetitions are used up counts as a breach: whatever fails, users end on the former version. */
async function attempted(body: () => Promise<Breach | null>): Promise<Breach | null> {
  try {
    return await body();
  } catch (error) {
    return { because: "worse", why: error instanceof Error ? error.message : String(error) };
  }
}

/** Stage by stage: judge at the border, shift, watch. Null when the last stage has passed. */
async function advance(deps: RolloutDeps, flow: Flow<Records>, change: Change, way: Way): Promise<Breach | null> {
  for (const stage of change.stages) {
    const breach = await attempted(() => passStage(deps, flow, change, stage, way));
    if (breach === null) continue;
    const at = { reached: way.reached, when: `in the stage of ${stage.percent} %` };
    const back = await answerBreach(deps, flow, change, breach, at);
    if (back !== null) return back;
    way.forward = breach.why;
  }
  return null;
}

async function passStage(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  stage: Stage,
  way: Way,
): Promise<Breach | null> {
  const blocked = await passGate(deps, flow, change, stage);
  if (blocked !== null) return blocked;
  const { percent } = stage;
  const { breach: unswapped, down } = await swapInPlace(deps, flow, change);
  if (unswapped !== null) return unswapped;
  const before = way.reached;
  // What fails without an answer may have taken effect.
  way.reached = Math.max(before, percent);
  const shift = (key: string) => shiftTraffic(deps, change, percent, key);
  const shifted = await flow.step(`shift to ${percent} %`, shift, patient);
  if (!shifted.done) {
    if (shifted.code !== "share-not-in-effect") way.reached = before;
    return { because: "worse", why: shifted.sentence };
  }
  way.firstSecond ??= shifted.sinceSecond;
  way.cutOver = shifted.sinceSecond;
  await sayShift(deps, flow, change, { down, upAt: shifted.upAt, percent });
  if (stage.maxSeconds === 0) return null;
  const reference = down === null ? {} : { referenceUntil: down.second };
  const since = { canarySince: way.firstSecond, stageSince: shifted.sinceSecond, ...reference };
  return await watch(deps, flow, change, stage, since);
}

/** Holds the position while a rule of the calendar asks for it; a person's decision or the next look ends the wait. */
async function passGate(deps: RolloutDeps, flow: Flow<Records>, change: Change, stage: Stage): Promise<Breach | null> {
  let since: Temporal.Instant | null = null;
  for (let look = 1; look <= maxLooks; look++) {
    const name = `judge before ${stage.percent} %, look ${look}`;
    const judged = await flow.tx(name, (records) => lookAtGate(deps, records, change, stage));
    const { gate, wakeAt } = judged;
    if (gate.kind === "go") return null;
    if (gate.kind === "go-back") return { because: gate.aborted ? "abort" : "worse", why: gate.sentence };
    // Looks of the version before did not say when they were.
    const at = Temporal.Instant.from(judged.at ?? wakeAt);
    since ??= at;
    if (since.until(at).total("hours") >= longestPauseHours) break;
    await flow.wait("look", Temporal.Instant.from(wakeAt));
  }
  return { because: "worse", why: `it stood still before ${stage.percent} % for too long` };
}

interface LookedAtGate {
  readonly gate: StageGate;
  readonly wakeAt: string;
  readonly at?: string;
}

async function lookAtGate(deps: RolloutDeps, records: Records, change: Change, stage: Stage): Promise<LookedAtGate> {
  const gate = await judgeStage(deps, records, change, stage.percent);
  const at = deps.now();
  const hour = at.add({ hours: 1 }).toString();
  return { gate, wakeAt: gate.kind === "pause" ? (gate.until ?? hour) : hour, at: at.toString() };
}

async function watch(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  stage: Stage,
  since: Since,
): Promise<Breach | null> {
  const seen = await flow.step(`watch ${stage.percent} %`, () => watchStage(deps, change, stage, since));
  if (seen.outcome === "healthy") return null;
  if (seen.outcome === "worse") return { because: "worse", why: seen.sentence };
  if (seen.outcome === "aborted") return { because: "abort", why: seen.sentence };
  return await hold(deps, flow, change, stage, seen);
}

async function endLive(deps: RolloutDeps, flow: Flow<Records>, change: Change, way: Way): Promise<string> {
  const look = async () => {
    const found = await proveControls(deps, change, "live", await verifyLive(deps, change));
    return unlessAborted(found, await askedToAbort(deps, change));
  };
  const verified = await flow.step("verify live", look, stubborn);
  if (!verified.done) {
    const breach: Breach = { because: verified.code === abortedCode ? "abort" : "worse", why: verified.sentence };
    const at = { reached: way.reached, when: "when it was to be live" };
    const back = await answerBreach(deps, flow, change, breach, at);
    if (back !== null) return await endBack(deps, flow, change, back);
    return await endForward(deps, flow, change, { forward: breach.why, cutOver: way.cutOver });
  }
  const held = verified.hold === undefined ? null : await holdAt(deps, flow, change, 100, verified.hold);
  return held === null ? await endSettled(deps, flow, change, way) : await endBack(deps, flow, change, held);
}

async function endUntouched(deps: RolloutDeps, flow: Flow<Records>, change: Change, breach: Breach): Promise<string> {
  await stopIdle(deps, flow, change, change.version);
  return await end(deps, flow, change, { event: { kind: "never-changed" }, outcome: breach.why });
}
