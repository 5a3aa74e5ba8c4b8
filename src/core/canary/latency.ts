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
  const seenBefore = sumFrom(history, 0);
  const controlTrials = sumFrom(reading.control, 0);
  const canaryTrials = sumFrom(reading.canary, 0);
  return limits.quantiles.map((quantile) => {
    if (seenBefore === 0 || canaryTrials === 0) return emptyStep;
    const slowFrom = bucketOf(history, quantile * seenBefore) + 1 + limits.bucketsAbove;
    const controlEvents = sumFrom(reading.control, slowFrom);
    return { controlTrials, controlEvents, canaryTrials, canaryEvents: sumFrom(reading.canary, slowFrom) };
  });
}

/** The bucket in which the `rank`-th request lies. */
function bucketOf(counts: readonly number[], rank: number): number {
  let seen = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    seen += counts[bucket] ?? 0;
    if (seen >= rank) return bucket;
  }
  return counts.length - 1;
}

export function addCounts(a: readonly number[], b: readonly number[]): readonly number[] {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  const sum = longer.slice();
  for (let index = 0; index < shorter.length; index++) sum[index] = (sum[index] ?? 0) + (shorter[index] ?? 0);
  return sum;
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

/** The value up to which a bucket of `toBuckets` reaches. */
export function boundOfBucket(bucket: number): number {
  return smallestValue * 2 ** ((bucket + 1) / bucketsPerDoubling);
}
