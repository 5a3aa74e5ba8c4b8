import { emptyStep, type Step } from "#core/canary/step.ts";

/**
 * Latency is judged by order, not by means: a canary is slower when more of its requests than of the control's lie beyond a
 * threshold. Thresholds are buckets of the control's quantiles *before* the step that is judged; one that knew the step
 * would void the guarantee. Heavy tails do not matter, ties fall on one side together, and what hits both arms cancels.
 * Several thresholds, in the middle and in the tail, make it a test of stochastic order (M. Lindon, C. Sanden and V.
 * Shirikian, "Rapid Regression Detection in Software Deployments through Sequential Testing", KDD 2022).
 */
export interface LatencyReading {
  /** Requests per bucket in this step; the same bounds for both arms. */
  readonly control: readonly number[];
  readonly canary: readonly number[];
}

export interface SlowLimits {
  readonly quantiles: readonly number[];
  /** "Slow" begins this many buckets above the one in which the control's quantile lies. */
  readonly bucketsAbove: number;
}

/** One step per quantile: how many of each arm were slow. Empty steps while the control has no history. */
export function slowSteps(history: readonly number[], reading: LatencyReading, limits: SlowLimits): readonly Step[] {
  return limits.quantiles.map((quantile) => {
    const bucket = bucketOfQuantile(history, quantile);
    if (bucket === null) return emptyStep;
    const slowFrom = bucket + 1 + limits.bucketsAbove;
    return {
      controlTrials: sumFrom(reading.control, 0),
      controlEvents: sumFrom(reading.control, slowFrom),
      canaryTrials: sumFrom(reading.canary, 0),
      canaryEvents: sumFrom(reading.canary, slowFrom),
    };
  });
}

/** The bucket in which the quantile lies; null without history. */
export function bucketOfQuantile(history: readonly number[], quantile: number): number | null {
  const total = sumFrom(history, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const [index, count] of history.entries()) {
    seen += count;
    if (seen >= quantile * total) return index;
  }
  return history.length - 1;
}

export function addCounts(a: readonly number[], b: readonly number[]): readonly number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0));
}

function sumFrom(counts: readonly number[], start: number): number {
  let sum = 0;
  for (let i = start; i < counts.length; i++) sum += counts[i] ?? 0;
  return sum;
}

/** Buckets of raw values: each a twelfth of a doubling, so two values in one differ by 6 % at most. */
const bucketsPerDoubling = 12;
/** A thousandth of the unit, up to about 4 million units: what lies outside falls into the first or the last. */
const smallestValue = 0.001;
const rawBuckets = 384;

/** Counts per bucket for sources that give single values instead of a histogram. */
export function toBuckets(values: readonly number[]): readonly number[] {
  const counts = Array.from({ length: rawBuckets }, () => 0);
  for (const value of values) {
    const place = Math.floor(bucketsPerDoubling * Math.log2(Math.max(value, smallestValue) / smallestValue));
    const bucket = Math.min(rawBuckets - 1, place);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}
