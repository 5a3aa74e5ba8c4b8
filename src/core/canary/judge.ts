import { admit, holdOf, silentFeed, type Feed } from "#core/canary/feed.ts";
import {
  clearance,
  faultOfReading,
  furtherTrials,
  harmNow,
  observeMetric,
  startMetric,
  type MetricSpec,
  type MetricState,
  type Reading,
} from "#core/canary/metric.ts";

/**
 * Judges a canary beside a live control over all its metrics (ADR 0031). It may be asked at every look: the chance that a
 * canary that is no worse is *ever* called worse is alpha at most over all metrics together. Three answers, and silence is
 * none of them: no traffic is never health.
 *
 * The budget is split by merging: the weighted mean of the evidence of all metrics is evidence again, whatever their
 * dependence, and it passes 1/alpha whenever one metric alone passes its own part of the budget (V. Vovk and R. Wang,
 * "E-values: Calibration, Combination and Applications", 2021). So it finds all that weighted Bonferroni finds, and harm that
 * is spread thinly over several metrics besides.
 */
export interface CanarySettings {
  /** Chance of a false alarm over the whole life of the canary and over all metrics together. */
  readonly alpha: number;
  readonly metrics: readonly MetricSpec[];
  /** A metric without a good sample for longer than this holds the position, in seconds. */
  readonly freshForSeconds: number;
}

export interface Sample {
  /** Second the reading is of, by the clock of the source. */
  readonly second: number;
  /** Identity of the series: its labels in one spelling. */
  readonly series: string;
  readonly reading: Reading;
}

export type CanaryOutcome = "worse" | "not-worse" | "not-enough";

export interface MetricVerdict {
  readonly name: string;
  /** `worse` is said of a metric that has used up its own part of the budget. */
  readonly outcome: CanaryOutcome;
  /** Why the metric holds the position; null when its source is well. */
  readonly hold: string | null;
  /** Highest evidence of harm so far, and what it takes. */
  readonly harm: number;
  readonly needed: number;
  /** Evidence of harm as it stands now. 1 means none in either direction. */
  readonly evidence: number;
  /** Further trials of the canary (pairs of a gauge) until "not worse", if it equals the control. */
  readonly furtherToClear: number | null;
  /** Further trials until twice the control's rate would be found. */
  readonly furtherToFindDouble: number | null;
  /** The same as the first, in seconds at the canary's traffic so far. */
  readonly furtherSeconds: number | null;
}

export interface CanaryJudgement {
  readonly outcome: CanaryOutcome;
  /** Merged evidence of harm over all metrics, the highest so far; "worse" from 1/alpha on. */
  readonly harm: number;
  /** Names of the metrics that carry the harm, the heaviest first; empty unless worse. */
  readonly blamed: readonly string[];
  readonly metrics: readonly MetricVerdict[];
  /** Reasons to hold the position, one per metric whose source is not well. */
  readonly holds: readonly string[];
}

/** Plain data of bounded size: it can be stored between two looks. */
export interface CanaryState {
  readonly firstSecond: number | null;
  readonly lastSecond: number | null;
  readonly feeds: readonly Feed[];
  readonly metrics: readonly MetricState[];
  /** Highest merged evidence so far: an alarm stands. */
  readonly harm: number;
}

export interface CanaryJudge {
  readonly initial: CanaryState;
  /** `now` is the second of the look; `samples` in the order of the metrics, null where nothing has come. */
  readonly observe: (state: CanaryState, now: number, samples: readonly (Sample | null)[]) => CanaryState;
  /** At `now`, which may be later than the last look: sources grow stale while nobody looks. */
  readonly verdict: (state: CanaryState, now: number) => CanaryJudgement;
}

/** Metrics of one judgement; each look is linear in them. */
export const maxMetrics = 500;

/** Throws a RangeError for settings without meaning. */
export function createCanaryJudge(settings: CanarySettings): CanaryJudge {
  checkSettings(settings);
  const { metrics } = settings;
  const initial: CanaryState = {
    firstSecond: null,
    lastSecond: null,
    feeds: metrics.map(() => silentFeed),
    metrics: metrics.map(startMetric),
    harm: 1,
  };
  const parts = partsOf(metrics);
  return {
    initial,
    observe: (state, now, samples) => observe(settings, parts, state, now, samples),
    verdict: (state, now) => judge(settings, parts, state, now),
  };
}

function checkSettings({ alpha, metrics, freshForSeconds }: CanarySettings): void {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is ${alpha}, not between 0 and 1`);
  if (!(freshForSeconds > 0)) throw new RangeError(`freshForSeconds is ${freshForSeconds}, not positive`);
  if (metrics.length === 0) throw new RangeError("no metric to judge by");
  if (metrics.length > maxMetrics) throw new RangeError(`${metrics.length} metrics, at most ${maxMetrics} are judged`);
  for (const { name, margin, weight, tolerated, kind, worse } of metrics) {
    if (!(margin > 0)) throw new RangeError(`the margin of ${name} is ${margin}, not positive`);
    if (!(weight > 0)) throw new RangeError(`the weight of ${name} is ${weight}, not positive`);
    if (!(tolerated >= 1)) throw new RangeError(`the tolerated ratio of ${name} is ${tolerated}, below 1`);
    if (kind === "latency" && worse === "lower") throw new RangeError(`${name} is a latency, and lower is not worse`);
  }
}

/** Each metric's part of the budget; they add up to 1. */
function partsOf(metrics: readonly MetricSpec[]): readonly number[] {
  let sum = 0;
  for (const { weight } of metrics) sum += weight;
  return metrics.map(({ weight }) => weight / sum);
}

function observe(
  { metrics: specs }: CanarySettings,
  parts: readonly number[],
  state: CanaryState,
  now: number,
  samples: readonly (Sample | null)[],
): CanaryState {
  const feeds: Feed[] = [];
  const metrics: MetricState[] = [];
  let merged = 0;
  for (const [index, spec] of specs.entries()) {
    const own = state.metrics[index] ?? startMetric(spec);
    const feed = state.feeds[index] ?? silentFeed;
    const sample = samples[index] ?? null;
    const admitted =
      sample === null
        ? { feed, isGood: false }
        : admit(feed, { ...sample, fault: faultOfReading(spec, sample.reading) }, now);
    const next = sample !== null && admitted.isGood ? observeMetric(spec, own, sample.reading) : own;
    feeds.push(admitted.feed);
    metrics.push(next);
    merged += (parts[index] ?? 0) * harmNow(spec, next);
  }
  const harm = Math.max(state.harm, merged);
  return { firstSecond: state.firstSecond ?? now, lastSecond: now, feeds, metrics, harm };
}

function judge(settings: CanarySettings, parts: readonly number[], state: CanaryState, now: number): CanaryJudgement {
  const metrics = settings.metrics.map((spec, index) =>
    metricVerdict(settings, spec, parts[index] ?? 1, state, index, now),
  );
  const holds = metrics.flatMap(({ name, hold }) => (hold === null ? [] : [`${name}: ${hold}`]));
  const isWorse = state.harm >= 1 / settings.alpha || metrics.some(({ outcome }) => outcome === "worse");
  const isNotWorse = metrics.every(({ outcome }) => outcome === "not-worse");
  return {
    outcome: isWorse ? "worse" : isNotWorse ? "not-worse" : "not-enough",
    harm: state.harm,
    blamed: isWorse ? blamed(metrics) : [],
    metrics,
    holds,
  };
}

/** Those that are proven by themselves; if none is, those whose evidence is not small beside the largest. */
function blamed(metrics: readonly MetricVerdict[]): readonly string[] {
  const weight = ({ harm, needed }: MetricVerdict): number => harm / needed;
  const heaviest = Math.max(...metrics.map(weight));
  const bound = Math.min(1, heaviest / 10);
  return metrics
    .filter((metric) => weight(metric) >= bound)
    .toSorted((a, b) => weight(b) - weight(a))
    .map(({ name }) => name);
}

function metricVerdict(
  settings: CanarySettings,
  spec: MetricSpec,
  part: number,
  state: CanaryState,
  index: number,
  now: number,
): MetricVerdict {
  const own = state.metrics[index] ?? startMetric(spec);
  const hold = holdOf(state.feeds[index] ?? silentFeed, now, settings.freshForSeconds);
  const needed = 1 / (settings.alpha * part);
  const isWorse = own.peak >= needed;
  // Not worse takes all metrics, so each may use the whole budget: a wrong pass needs the worst of them to err.
  const isNotWorse = !isWorse && hold === null && clearance(spec, own) >= 1 / settings.alpha;
  const outcome = isWorse ? "worse" : isNotWorse ? "not-worse" : "not-enough";
  const further =
    outcome === "not-enough"
      ? furtherTrials(spec, own, { harm: needed, clear: 1 / settings.alpha })
      : { toClear: 0, toFindDouble: 0 };
  return {
    name: spec.name,
    outcome,
    hold,
    harm: own.peak,
    needed,
    evidence: harmNow(spec, own),
    furtherToClear: further.toClear,
    furtherToFindDouble: further.toFindDouble,
    furtherSeconds: secondsFor(further.toClear, own, state),
  };
}

function secondsFor(trials: number | null, { canaryTrials }: MetricState, state: CanaryState): number | null {
  if (trials === null || state.firstSecond === null || state.lastSecond === null || canaryTrials === 0) return null;
  const perSecond = canaryTrials / (state.lastSecond - state.firstSecond + 1);
  return Math.ceil(trials / perSecond);
}
