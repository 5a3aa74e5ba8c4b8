/**
 * A confidence sequence for a quantile of a latency, from counts per bucket: for each bound of a bucket the number of
 * requests at or below it is a sum of coin tosses, and the test of "its chance is p" that mixes over all chances is valid at
 * every look (S. Howard and A. Ramdas, "Sequential Estimation of Quantiles with Applications to A/B Testing and Best-Arm
 * Identification", 2022; the mixture is J. Ville's with a flat prior). Buckets are ties, and ties do no harm: what is
 * bounded is the bucket.
 */
export interface QuantileInterval {
  /** First bucket in which the quantile may lie. */
  readonly from: number;
  /** Last bucket in which it may lie. */
  readonly to: number;
}

/** `counts`: requests per bucket since the beginning. Null without requests. */
export function quantileInterval(counts: readonly number[], quantile: number, alpha: number): QuantileInterval | null {
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return null;
  const limit = Math.log(2 / alpha);
  let below = 0;
  let from = 0;
  let to = counts.length - 1;
  for (const [bucket, count] of counts.entries()) {
    below += count;
    if (evidenceAgainst(quantile, below, total) < limit) continue;
    // Refuted with fewer at or below than the quantile asks for: it lies further up. Else it lies no further up than here.
    if (below < quantile * total) from = bucket + 1;
    else {
      to = bucket;
      break;
    }
  }
  return { from: Math.min(from, to), to };
}

/** Logarithm of the evidence against "each of `total` is counted with chance `p`", having counted `hits`. */
function evidenceAgainst(p: number, hits: number, total: number): number {
  return (
    logFactorial(hits) +
    logFactorial(total - hits) -
    logFactorial(total + 1) -
    hits * Math.log(p) -
    (total - hits) * Math.log(1 - p)
  );
}

/** Exact to 1e-10: a sum where it is short, else Stirling's series. */
function logFactorial(n: number): number {
  if (n < 16) {
    let sum = 0;
    for (let factor = 2; factor <= n; factor++) sum += Math.log(factor);
    return sum;
  }
  const inverse = 1 / (n * n);
  const series = (1 / 12 - (1 / 360 - inverse / 1260) * inverse) / n;
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series;
}
