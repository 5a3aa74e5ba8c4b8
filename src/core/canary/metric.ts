import { drawOf } from "#core/canary/conditional-law.ts";
import { trialsToClear, trialsToFindHarm, trialsToProveLow } from "#core/canary/forecast.ts";
import { gaugeBelow, gaugeHarm, noGauge, observeGauge, type GaugeState } from "#core/canary/gauge.ts";
import { noHarm, observeHarm } from "#core/canary/harm.ts";
import {
  evidenceBelow,
  evidenceBelowMargin,
  nothingBelowMargin,
  observeBelowMargin,
  type BelowMargin,
} from "#core/canary/harmless.ts";
import { addCounts, slowSteps, type LatencyReading, type SlowLimits } from "#core/canary/latency.ts";
import type { Pair } from "#core/canary/local-rank.ts";
import { evidenceOf, type Mixture } from "#core/canary/mixture.ts";
import { addSteps, emptyStep, faultOf, swapArms, type Law, type Step } from "#core/canary/step.ts";

/** `rate`: errors of requests · `count`: events with an exposure · `latency`: histograms · `gauge`: one value per arm. */
export const metricKinds = ["rate", "count", "latency", "gauge"] as const;
export type MetricKind = (typeof metricKinds)[number];

export interface MetricSpec {
  readonly name: string;
  readonly kind: MetricKind;
  /** Which way is worse. Latency is worse when it is higher. */
  readonly worse: "higher" | "lower";
  /** Part of the error budget, against the weights of the others. */
  readonly weight: number;
  /** "Not worse" means: proven to be below `1 + margin` times the control. */
  readonly margin: number;
  /** Ratio of odds up to which the canary is not called worse; 1 for "not higher at all". */
  readonly tolerated: number;
  /** A rate below which the metric counts as healthy even where events are too rare to compare; null for none. */
  readonly healthyBelow: number | null;
  /** The canary's first trials, left out of latency: a process that has just started runs cold beside a warm one. */
  readonly warmUpTrials: number;
  /** For latency alone. */
  readonly slow: SlowLimits;
}

/** A metric with nothing special about it. */
export const plainMetric = {
  worse: "higher",
  weight: 1,
  margin: 0.5,
  tolerated: 1,
  healthyBelow: null,
  warmUpTrials: 0,
  slow: { quantiles: [0.5, 0.9, 0.99], bucketsAbove: 0 },
} as const satisfies Partial<MetricSpec>;

/** What one look brings: increments since the last one. */
export type Reading =
  | ({ readonly kind: "rate" | "count" } & Step)
  | ({ readonly kind: "latency" } & LatencyReading)
  | ({ readonly kind: "gauge" } & Pair);

/** Plain data of bounded size: it can be stored between two looks. */
export interface MetricState {
  /** One per threshold: a mean of mixtures is a mixture. */
  readonly harms: readonly Mixture[];
  readonly below: BelowMargin;
  readonly gauge: GaugeState;
  /** Sums of the first threshold. */
  readonly totals: Step;
  /** Requests per latency bucket of the control so far: the thresholds of the next step come from here. */
  readonly history: readonly number[];
  readonly canaryTrials: number;
  /** Highest evidence of harm so far: an alarm is not taken back by a quiet minute. */
  readonly peak: number;
}

export function startMetric(spec: MetricSpec): MetricState {
  const harms = Array.from({ length: spec.kind === "latency" ? spec.slow.quantiles.length : 1 }, () => noHarm);
  const nothing = { below: nothingBelowMargin, gauge: noGauge, totals: emptyStep, history: [] };
  return { ...nothing, harms, canaryTrials: 0, peak: 1 };
}

/** Null for a reading that can be judged; otherwise what is wrong with it. */
export function faultOfReading(spec: MetricSpec, reading: Reading): string | null {
  if (reading.kind !== spec.kind) return `a ${reading.kind} came where a ${spec.kind} is expected`;
  if (reading.kind === "gauge") {
    return Number.isFinite(reading.control) && Number.isFinite(reading.canary) ? null : "a value is not a number";
  }
  if (reading.kind === "latency") {
    const isCount = (count: number): boolean => Number.isInteger(count) && count >= 0;
    const isWhole = reading.control.every(isCount) && reading.canary.every(isCount);
    return isWhole ? null : "a bucket does not hold a whole number of requests";
  }
  return faultOf(reading, reading.kind);
}

/** The state after a reading without fault. */
export function observeMetric(spec: MetricSpec, state: MetricState, reading: Reading): MetricState {
  if (reading.kind === "gauge") return observeGaugeReading(spec, state, reading);
  const steps = stepsOf(spec, state, reading);
  const law: Law = reading.kind === "count" ? "count" : "rate";
  const draws = steps.map((step) => drawOf(step, law));
  const harms = state.harms.map((harm, index) => observeHarm(harm, draws[index] ?? null, spec.tolerated));
  const [first = emptyStep] = steps;
  const isLatency = reading.kind === "latency";
  return {
    harms,
    below: observeBelowMargin(state.below, draws[0] ?? null, spec.margin),
    gauge: state.gauge,
    totals: addSteps(state.totals, first),
    history: isLatency ? addCounts(state.history, reading.control) : state.history,
    canaryTrials: state.canaryTrials + (isLatency ? total(reading.canary) : reading.canaryTrials),
    peak: Math.max(state.peak, meanEvidence(harms)),
  };
}

function observeGaugeReading(spec: MetricSpec, state: MetricState, { control, canary }: Pair): MetricState {
  const pair = spec.worse === "higher" ? { control, canary } : { control: canary, canary: control };
  const gauge = observeGauge(state.gauge, pair, spec.margin);
  return { ...state, gauge, canaryTrials: gauge.pairs, peak: Math.max(state.peak, gaugeHarm(gauge)) };
}

function stepsOf(spec: MetricSpec, state: MetricState, reading: Exclude<Reading, { kind: "gauge" }>): readonly Step[] {
  if (reading.kind === "latency") {
    // Leaving out a beginning of fixed length keeps the guarantee.
    return state.canaryTrials < spec.warmUpTrials ? [] : slowSteps(state.history, reading, spec.slow);
  }
  return [spec.worse === "higher" ? reading : swapArms(reading)];
}

function total(counts: readonly number[]): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

function meanEvidence(harms: readonly Mixture[]): number {
  let sum = 0;
  for (const harm of harms) sum += evidenceOf(harm);
  return sum / harms.length;
}

/** Evidence of harm as it stands now: it falls again when the canary behaves. */
export function harmNow(spec: MetricSpec, state: MetricState): number {
  return spec.kind === "gauge" ? gaugeHarm(state.gauge) : meanEvidence(state.harms);
}

/**
 * Evidence of not being worse; proven from 1/alpha on. Two ways to be proven not worse share the alpha: against the
 * control, and against the rate that is healthy anyway.
 */
export function clearance(spec: MetricSpec, state: MetricState): number {
  if (state.canaryTrials === 0) return 0;
  if (spec.kind === "gauge") return gaugeBelow(state.gauge);
  const compared = evidenceBelowMargin(state.below);
  const { canaryTrials, canaryEvents } = canarySide(spec, state.totals);
  if (spec.healthyBelow === null) return compared;
  return Math.max(compared, evidenceBelow(spec.healthyBelow, canaryTrials, canaryEvents)) / 2;
}

/** What the canary really did: the arms of a metric of which less is worse are judged exchanged. */
function canarySide(spec: MetricSpec, totals: Step): Step {
  return spec.worse === "lower" ? swapArms(totals) : totals;
}

export interface Further {
  /** Trials of the canary until "not worse", if it equals the control; null when nobody can tell. */
  readonly toClear: number | null;
  /** Trials of the canary until twice the control's rate would be found; null when nobody can tell. */
  readonly toFindDouble: number | null;
}

/** How much is still missing, in trials of the canary (pairs of a gauge), at the rates seen so far. */
export function furtherTrials(
  spec: MetricSpec,
  state: MetricState,
  needed: { readonly harm: number; readonly clear: number },
): Further {
  if (spec.kind === "gauge") return { toClear: gaugeFurther(state, needed.clear), toFindDouble: null };
  const { controlTrials, controlEvents, canaryTrials, canaryEvents } = state.totals;
  const side = canarySide(spec, state.totals);
  const bound = spec.healthyBelow;
  // With two ways to be proven not worse, each has half of the budget.
  const clear = bound === null ? needed.clear : 2 * needed.clear;
  const low = bound === null ? null : trialsToProveLow(bound, side.canaryTrials, side.canaryEvents, clear);
  if (canaryTrials === 0 || controlTrials === 0) return { toClear: low, toFindDouble: null };
  const pace = {
    share: canaryTrials / (canaryTrials + controlTrials),
    eventsPerTrial: (controlEvents + canaryEvents) / canaryTrials,
  };
  const compared = trialsToClear(pace, spec.margin, evidenceBelowMargin(state.below), clear);
  return {
    toClear: compared === null || low === null ? (compared ?? low) : Math.min(compared, low),
    toFindDouble: trialsToFindHarm(pace, 2, harmNow(spec, state), needed.harm),
  };
}

/** A gauge goes on as it has gone: what its evidence has grown by a pair so far is all that is known. */
function gaugeFurther({ gauge }: MetricState, needed: number): number | null {
  const grown = Math.log(gaugeBelow(gauge));
  return gauge.pairs === 0 || grown <= 0
    ? null
    : Math.max(1, Math.ceil((gauge.pairs * (Math.log(needed) - grown)) / grown));
}
