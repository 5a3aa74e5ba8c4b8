import {
  evidenceBelow,
  evidenceBelowMargin,
  evidenceOf,
  growthBelowMargin,
  noEvidence,
  nothingBelowMargin,
  observeBelowMargin,
  observeHigherRate,
  type BelowMargin,
  type HigherRate,
  type Step,
} from "#core/rollout/e-process.ts";
import type { ArmCounts } from "#core/rollout/stages.ts";

/**
 * Judges a canary against a live control (ADR 0009). It may be asked after every second, or every request: the chance
 * that a canary that is not worse is ever called worse stays below alpha at any number of looks. Three answers, and
 * silence is none of them: no traffic is never health.
 */
export const canaryMetrics = ["errors", "latency"] as const;
export type CanaryMetric = (typeof canaryMetrics)[number];

export interface JudgeSettings {
  /** Chance of a false alarm over the whole life of the canary and over all metrics together. */
  readonly alpha: number;
  /** "Not worse" means: proven to have less than `1 + margin` times the control's rate. */
  readonly margin: number;
  readonly metrics: readonly CanaryMetric[];
}

export const defaultJudgeSettings: JudgeSettings = { alpha: 0.01, margin: 0.5, metrics: canaryMetrics };

/** Counts of one second, or of any step: what has come since the last look, not the sum. */
export interface Increments {
  readonly control: ArmCounts;
  readonly canary: ArmCounts;
}

export interface CanaryVerdict {
  readonly outcome: "worse" | "not-worse" | "not-enough";
  readonly metrics: readonly MetricVerdict[];
  /** Canary requests that are still needed for "not worse", if it equals the control; null when nobody can tell. */
  readonly furtherRequests: number | null;
  readonly canaryRequests: number;
}

export interface MetricVerdict {
  readonly metric: CanaryMetric;
  readonly outcome: CanaryVerdict["outcome"];
  /** Largest evidence of harm so far; "worse" from 1/alpha, the alpha being split over the metrics. */
  readonly harm: number;
  /** Evidence of harm as it stands now: it falls again when the canary behaves. 1 means none in either direction. */
  readonly evidence: number;
  readonly controlRate: number | null;
  readonly canaryRate: number | null;
  readonly furtherRequests: number | null;
}

/** Plain data: it can be stored between two looks. */
export interface JudgeState {
  readonly canaryRequests: number;
  readonly metrics: readonly MetricState[];
  /** Control's requests per latency bucket so far: the thresholds of the next step come from here. */
  readonly controlLatency: readonly number[];
}

interface MetricState {
  /** One per threshold: a mixture of e-processes is one again. */
  readonly higher: readonly HigherRate[];
  readonly below: BelowMargin;
  /** Sums of the first threshold. */
  readonly totals: Step;
  readonly harm: number;
}

export interface Judge {
  readonly initial: JudgeState;
  readonly observe: (state: JudgeState, increments: Increments) => JudgeState;
  readonly verdict: (state: JudgeState) => CanaryVerdict;
}

/** Rates below which a metric counts as healthy even where the control has too few events to compare with. */
const tolerated: Readonly<Record<CanaryMetric, number>> = { errors: 0.01, latency: 0.1 };

/** Latency is judged by the share of requests slower than the control's: in the tail, and in the middle. */
const latencyQuantiles = [0.95, 0.5] as const;

/**
 * How many times the control's rate a metric may have before it counts as harm. Errors: none more. Slow requests: twice
 * as many, because a process that has just started runs cold code beside one that has been running for hours; equal
 * versions would be told apart by their age (ADR 0009).
 */
const toleratedRatio: Readonly<Record<CanaryMetric, number>> = { errors: 1, latency: 2 };

/**
 * Requests of the canary that say nothing about its latency: they run code that the process has not compiled yet, beside
 * a control that has served for hours. Leaving out a beginning of fixed length keeps the guarantee.
 */
const warmUpRequests = 200;

/** "Slow" begins this many buckets, about 1.4 times each, above the bucket of the control's quantile. */
const slowBucketsAbove = 2;

const nothing: Step = { controlTrials: 0, controlEvents: 0, canaryTrials: 0, canaryEvents: 0 };

/** Throws a RangeError for settings without meaning: alpha outside of (0, 1), a margin that is not positive, no metric. */
export function createJudge(settings: JudgeSettings): Judge {
  const { alpha, margin, metrics } = settings;
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is ${alpha}, not between 0 and 1`);
  if (!(margin > 0)) throw new RangeError(`margin is ${margin}, not positive`);
  if (metrics.length === 0) throw new RangeError("no metric to judge by");
  return {
    initial: { canaryRequests: 0, metrics: metrics.map(initialMetric), controlLatency: [] },
    observe: (state, increments) => observe(settings, state, increments),
    verdict: (state) => verdictOf(settings, state),
  };
}

function initialMetric(metric: CanaryMetric): MetricState {
  const thresholds = metric === "errors" ? 1 : latencyQuantiles.length;
  const higher = Array.from({ length: thresholds }, () => noEvidence);
  return { higher, below: nothingBelowMargin, totals: nothing, harm: 1 };
}

function observe(settings: JudgeSettings, state: JudgeState, increments: Increments): JudgeState {
  const { control, canary } = increments;
  const metrics = state.metrics.map((own, index) => {
    const metric = settings.metrics[index] ?? "errors";
    return observeMetric(own, stepsOf(metric, state, increments), settings.margin, toleratedRatio[metric]);
  });
  const buckets = Math.max(state.controlLatency.length, control.latency.length);
  const controlLatency = Array.from(
    { length: buckets },
    (_, index) => (state.controlLatency[index] ?? 0) + (control.latency[index] ?? 0),
  );
  return { canaryRequests: state.canaryRequests + canary.requests, metrics, controlLatency };
}

function stepsOf(metric: CanaryMetric, state: JudgeState, { control, canary }: Increments): readonly Step[] {
  if (metric === "errors") return [stepOf(control.requests, control.errors, canary.requests, canary.errors)];
  return state.canaryRequests < warmUpRequests ? [] : latencySteps(state.controlLatency, control, canary);
}

/** A count that cannot be (more errors than requests, below zero) is cut to what can: it comes from elsewhere. */
function stepOf(controlTrials: number, controlEvents: number, canaryTrials: number, canaryEvents: number): Step {
  const cut = (events: number, trials: number) => Math.min(Math.max(0, events), Math.max(0, trials));
  return {
    controlTrials: Math.max(0, controlTrials),
    controlEvents: cut(controlEvents, controlTrials),
    canaryTrials: Math.max(0, canaryTrials),
    canaryEvents: cut(canaryEvents, canaryTrials),
  };
}

/**
 * "Slower than the control" is decided by what the control did *before* this step: a threshold that knew the step it
 * judges would void the guarantee.
 */
function latencySteps(history: readonly number[], control: ArmCounts, canary: ArmCounts): readonly Step[] {
  return latencyQuantiles.map((quantile) => {
    const threshold = bucketOf(history, quantile);
    if (threshold === null) return nothing;
    return stepOf(
      sumFrom(control.latency, 0),
      sumFrom(control.latency, threshold + slowBucketsAbove),
      sumFrom(canary.latency, 0),
      sumFrom(canary.latency, threshold + slowBucketsAbove),
    );
  });
}

/** The bucket in which the quantile lies; null without history. */
function bucketOf(history: readonly number[], quantile: number): number | null {
  const total = sumFrom(history, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const [index, count] of history.entries()) {
    seen += count;
    if (seen >= quantile * total) return index;
  }
  return history.length - 1;
}

function sumFrom(counts: readonly number[], start: number): number {
  let sum = 0;
  for (let i = start; i < counts.length; i++) sum += counts[i] ?? 0;
  return sum;
}

function observeMetric(state: MetricState, steps: readonly Step[], margin: number, ratio: number): MetricState {
  const higher = state.higher.map((own, index) => observeHigherRate(own, steps[index] ?? nothing, ratio));
  const [first = nothing] = steps;
  return {
    higher,
    below: observeBelowMargin(state.below, first, margin),
    totals: {
      controlTrials: state.totals.controlTrials + first.controlTrials,
      controlEvents: state.totals.controlEvents + first.controlEvents,
      canaryTrials: state.totals.canaryTrials + first.canaryTrials,
      canaryEvents: state.totals.canaryEvents + first.canaryEvents,
    },
    // An alarm stands: evidence that once passed the threshold is not taken back by a quiet minute.
    harm: Math.max(state.harm, mean(higher.map(evidenceOf))),
  };
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Worse wins: one metric that is proven worse is enough. Not worse takes all of them. */
function verdictOf(settings: JudgeSettings, state: JudgeState): CanaryVerdict {
  const metrics = state.metrics.map((own, index) => metricVerdict(settings, settings.metrics[index] ?? "errors", own));
  const isWorse = metrics.some(({ outcome }) => outcome === "worse");
  const isNotWorse = metrics.every(({ outcome }) => outcome === "not-worse");
  const open = metrics.filter(({ outcome }) => outcome === "not-enough").map(({ furtherRequests }) => furtherRequests);
  return {
    outcome: isWorse ? "worse" : isNotWorse ? "not-worse" : "not-enough",
    metrics,
    furtherRequests: isWorse || isNotWorse ? 0 : maxOrNull(open),
    canaryRequests: state.canaryRequests,
  };
}

function maxOrNull(values: readonly (number | null)[]): number | null {
  let max = 0;
  for (const value of values) {
    if (value === null) return null;
    max = Math.max(max, value);
  }
  return max;
}

function metricVerdict(settings: JudgeSettings, metric: CanaryMetric, state: MetricState): MetricVerdict {
  const { totals, harm } = state;
  const isWorse = harm >= settings.metrics.length / settings.alpha;
  // Two ways to be proven not worse share the alpha: against the control, and against what is tolerated anyway.
  const needed = 2 / settings.alpha;
  const compared = evidenceBelowMargin(state.below);
  const absolute = evidenceBelow(tolerated[metric], totals.canaryTrials, totals.canaryEvents);
  const isNotWorse = !isWorse && totals.canaryTrials > 0 && Math.max(compared, absolute) >= needed;
  const isOpen = !isWorse && !isNotWorse;
  return {
    metric,
    outcome: isWorse ? "worse" : isNotWorse ? "not-worse" : "not-enough",
    harm,
    evidence: mean(state.higher.map(evidenceOf)),
    controlRate: rate(totals.controlEvents, totals.controlTrials),
    canaryRate: rate(totals.canaryEvents, totals.canaryTrials),
    furtherRequests: isOpen ? requestsToGo(metric, state, settings.margin, needed) : 0,
  };
}

function rate(events: number, trials: number): number | null {
  return trials === 0 ? null : events / trials;
}

/** Beyond this nobody waits: the estimate is given up. */
const maxFurtherRequests = 100_000_000;

/** How many more canary requests either proof would take at the rates seen so far; the shorter one counts. */
function requestsToGo(metric: CanaryMetric, state: MetricState, margin: number, needed: number): number | null {
  const { controlTrials, controlEvents, canaryTrials, canaryEvents } = state.totals;
  if (canaryTrials === 0) return null;
  const share = canaryTrials / (canaryTrials + controlTrials);
  const eventsPerRequest = (controlEvents + canaryEvents) / canaryTrials;
  const growth = growthBelowMargin(share, margin) * eventsPerRequest;
  const compared = growth > 0 ? (Math.log(needed) - Math.log(evidenceBelowMargin(state.below))) / growth : Infinity;
  const own = canaryEvents / canaryTrials;
  const isProven = (more: number) =>
    evidenceBelow(tolerated[metric], canaryTrials + more, canaryEvents + own * more) >= needed;
  const best = Math.min(compared, firstWhere(isProven));
  return best > maxFurtherRequests ? null : Math.max(1, Math.ceil(best));
}

/** The smallest whole number from which the condition holds, by doubling and halving; infinite beyond the limit. */
function firstWhere(holds: (n: number) => boolean): number {
  let high = 1;
  while (!holds(high)) {
    high *= 2;
    if (high > maxFurtherRequests) return Infinity;
  }
  let low = high >> 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
