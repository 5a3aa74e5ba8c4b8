import { latencyBoundsMs, type Failure, type SecondOfTraffic, type Traffic } from "#connectors/port.ts";
import type { Result } from "#core/result.ts";
import { incrementsOf, p95Of, pairArms, type ArmsOfSecond } from "#core/rollout/arms.ts";
import { createJudge, defaultJudgeSettings, type CanaryVerdict, type JudgeState } from "#core/rollout/judge.ts";
import { lookOf, observePicture, startPicture, type PictureState, type StageLook } from "#core/rollout/looks.ts";
import type { ArmCounts, StageOutcome } from "#core/rollout/stages.ts";
import type { Stage } from "#core/rollout/strategy.ts";
import type { TrafficSample } from "#usecases/records.ts";

/** Where watching begins, in epoch seconds at the target; recorded before, so a repetition sees the same spans. */
export interface Since {
  /** First second with any traffic on the new version. */
  readonly canarySince: number;
  /** First second of this stage. */
  readonly stageSince: number;
  /** Users were without the service from here on: what came then is no reference. Absent: they never were. */
  readonly referenceUntil?: number;
}

export interface Watched {
  readonly outcome: StageOutcome;
  readonly sentence: string;
}

/** What is watched: a version beside the one that was live before it. */
export interface WatchedVersion {
  readonly service: string;
  readonly version: string;
  readonly control: string | null;
}

/** The proxy counts by second; looking more often shows nothing new. */
export const lookEveryMs = 500;
/** Metrics may be away this long before whoever watches says that it is blind. */
const blindLimitMs = 60_000;
/**
 * Evidence of harm, as it stands now, from which a stage is watched longer: an equal version is there at any given
 * moment with a chance of a quarter at most, and falls back by itself.
 */
const suspicion = 4;
/** Seconds of the control from before that stand in for it when the canary has all the traffic. */
const referenceSeconds = 60;

const judge = createJudge(defaultJudgeSettings);

/** What has been seen so far; rebuilt from the target's own counts when the watching is repeated. */
export interface View {
  state: JudgeState;
  picture: PictureState;
  /** The control's latest seconds before this stage in which it had traffic. */
  reference: ArmCounts[];
  /** Seconds that have been paired so far: the place of the next one. */
  paired: number;
  judged: number;
  nextSecond: number;
  stageRequests: number;
  total: { control: ArmCounts; canary: ArmCounts };
  /** Milliseconds without an answer of the target. */
  blindMs: number;
}

const empty: ArmCounts = { requests: 0, errors: 0, latency: [] };

export function openView({ canarySince, referenceUntil }: Since): View {
  return {
    state: judge.initial,
    picture: startPicture(defaultJudgeSettings),
    reference: [],
    paired: 0,
    judged: canarySince - 1,
    nextSecond: (referenceUntil ?? canarySince) - referenceSeconds,
    stageRequests: 0,
    total: { control: empty, canary: empty },
    blindMs: 0,
  };
}

/** What is new for the record: the counts of both arms, and what the judge made of those of this stage. */
export interface TakenIn {
  readonly samples: TrafficSample[];
  readonly looks: Omit<StageLook, "percent">[];
}

/**
 * New seconds into the judge; returns what is new for the record. No answer counts as time without sight, and so does one
 * whose counts stand still: its proxy is away, or its clock was set back.
 */
export function takeIn(
  change: WatchedVersion,
  since: Since,
  view: View,
  traffic: Result<Traffic, Failure>,
  tookMs = lookEveryMs,
): TakenIn {
  const taken: TakenIn = { samples: [], looks: [] };
  if (!traffic.ok) {
    view.blindMs += Math.max(lookEveryMs, tookMs);
    return taken;
  }
  const { seconds, completeBefore } = traffic.value;
  view.blindMs = completeBefore > view.nextSecond ? 0 : view.blindMs + lookEveryMs;
  const fresh = seconds.filter(({ second }) => second >= view.nextSecond && second < completeBefore);
  view.nextSecond = Math.max(view.nextSecond, completeBefore);
  judgeNewSeconds(change, since, view, fresh, taken);
  return taken;
}

/** Seconds come whole and in order, so each is looked at once and then forgotten, however long a stage lasts. */
function judgeNewSeconds(
  change: WatchedVersion,
  since: Since,
  view: View,
  fresh: readonly SecondOfTraffic[],
  { samples, looks }: TakenIn,
): void {
  for (const pair of pairArms(fresh, { control: change.control, canary: change.version })) {
    const place = view.paired++;
    keepReference(view, pair, since);
    if (pair.second <= view.judged) continue;
    const increments = incrementsOf(pair, pair.second >= since.stageSince ? view.reference : [], place);
    const before = view.state;
    view.state = judge.observe(before, increments);
    view.picture = observePicture(view.picture, before, view.state);
    view.judged = pair.second;
    if (pair.second >= since.stageSince) {
      view.stageRequests += pair.canary.requests;
      const { alpha } = defaultJudgeSettings;
      looks.push({
        ...lookOf(pair.second, judge.verdict(view.state), view.picture, alpha),
        stageRequests: view.stageRequests,
        stageSeconds: pair.second - since.stageSince + 1,
      });
    }
    view.total = { control: sum(view.total.control, pair.control), canary: sum(view.total.canary, pair.canary) };
    samples.push(sampleOf("control", pair.second, pair.control), sampleOf("canary", pair.second, pair.canary));
  }
}

function keepReference(view: View, { second, control }: ArmsOfSecond, since: Since): void {
  if (second >= (since.referenceUntil ?? since.stageSince) || control.requests === 0) return;
  view.reference.push(control);
  if (view.reference.length > referenceSeconds) view.reference.shift();
}

function sum(a: ArmCounts, b: ArmCounts): ArmCounts {
  const buckets = Math.max(a.latency.length, b.latency.length);
  const latency = Array.from({ length: buckets }, (_, index) => (a.latency[index] ?? 0) + (b.latency[index] ?? 0));
  return { requests: a.requests + b.requests, errors: a.errors + b.errors, latency };
}

function sampleOf(arm: TrafficSample["arm"], second: number, counts: ArmCounts): TrafficSample {
  return { arm, second, requests: counts.requests, errors: counts.errors, p95Ms: p95Of(counts, latencyBoundsMs) };
}

/** What the stage has come to, or null while it goes on. */
export function outcomeOf(change: WatchedVersion, stage: Stage, since: Since, view: View): Watched | null {
  const verdict = judge.verdict(view.state);
  if (verdict.outcome === "worse") return { outcome: "worse", sentence: worseSentence(change, stage, verdict, view) };
  if (view.blindMs >= blindLimitMs) {
    return { outcome: "blind", sentence: `The target has given no metrics for ${blindLimitMs / 1000} s.` };
  }
  const watchedSeconds = view.nextSecond - since.stageSince;
  const isServed = view.stageRequests >= stage.minRequests;
  // Counts that cannot be are no sign of health: the stage is watched on until they can be believed again.
  const isQuiet =
    verdict.holds.length === 0 &&
    verdict.metrics.every(({ evidence }) => evidence < suspicion) &&
    isBearable(change, view);
  if (watchedSeconds >= stage.minSeconds && isServed && isQuiet) {
    const sentence = `No evidence of harm at ${stage.percent} % after ${watchedSeconds} s and ${view.stageRequests} requests: ${ratesOf(change, view)}.`;
    return { outcome: "healthy", sentence };
  }
  if (watchedSeconds < stage.maxSeconds) return null;
  const unclear = isBearable(change, view)
    ? verdict.holds.length === 0
      ? "the evidence is not clear"
      : verdict.holds.join("; ")
    : `${ratesOf(change, view)}, and there is no former version to compare it with`;
  const needed = isServed ? unclear : `${view.stageRequests} requests came where ${stage.minRequests} are needed`;
  return {
    outcome: "not-enough",
    sentence: `At ${stage.percent} % there is not enough evidence after ${watchedSeconds} s: ${needed}.${outlookOf(verdict)}`,
  };
}

/** A first version is compared with nothing; with more errors than this share a person has to say that it is well. */
const bearableShare = 0.05;

function isBearable({ control }: WatchedVersion, { total: { canary } }: View): boolean {
  return control !== null || canary.errors <= bearableShare * canary.requests;
}

/** How much longer it would take, where anybody can tell. */
function outlookOf({ furtherRequests }: CanaryVerdict): string {
  if (furtherRequests === null || furtherRequests === 0) return "";
  return ` If it equals the former version, about ${furtherRequests} more of its requests would prove it.`;
}

function worseSentence(change: WatchedVersion, stage: Stage, verdict: CanaryVerdict, view: View): string {
  const worse = verdict.metrics.filter(({ outcome }) => outcome === "worse").map(({ metric }) => metric);
  const requests = verdict.canaryRequests;
  const latency = worse.includes("latency") ? `${latencyOf(view)}; ` : "";
  return `At ${stage.percent} % ${change.service}@${change.version} is worse than ${change.control ?? "nothing"} in ${worse.join(" and ")}: ${latency}${ratesOf(change, view)}, in ${requests} requests of the new version.`;
}

/** As fine as the buckets of the proxy are. */
function latencyOf({ total }: View): string {
  const within = (counts: ArmCounts): string => `${p95Of(counts, latencyBoundsMs) ?? "?"} ms`;
  return `95 % answered within ${within(total.canary)} against ${within(total.control)}`;
}

function ratesOf(change: WatchedVersion, view: View): string {
  const percent = ({ requests, errors }: ArmCounts, of: string): string =>
    requests === 0 ? "no requests" : `${((100 * errors) / requests).toFixed(2)} %${of}`;
  const reference = change.control === null ? "" : ` against ${percent(view.total.control, "")}`;
  return `${percent(view.total.canary, " errors")}${reference}`;
}
