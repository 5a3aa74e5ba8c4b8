/**
 * Two series measured side by side, judged once at their end. The test rests on symmetry alone: if the canary does not
 * differ, each log ratio of a pair is as likely with the other sign. Ratios are clipped at twice the median of their
 * sizes, so that single spikes do not decide, and the sum of bounded symmetric terms has no heavier tail than the
 * normal one it is compared with.
 */
export function judgePairs(
  control: readonly number[],
  canary: readonly number[],
  alpha: number,
): "worse" | "not-worse" | "not-enough" {
  const ratios = logRatios(control, canary);
  if (chanceOfHigher(ratios) < alpha) return "worse";
  // Pairs without a ratio say nothing about how far apart the two are: silence is never health.
  const room = Math.log(1 + toleratedShift);
  const comparable = ratios.filter((_, index) => (control[index] ?? 0) > 0 && (canary[index] ?? 0) > 0);
  return chanceOfHigher(comparable.map((ratio) => room - ratio)) < alpha ? "not-worse" : "not-enough";
}

/** A canary proven to be less than a quarter above the control counts as not worse. */
const toleratedShift = 0.25;
/** Fewer differing pairs than this cannot reach a small alpha whatever they say. */
const minPairs = 8;

/** Pairs of which one value is not positive have no ratio: only their direction counts. */
function logRatios(control: readonly number[], canary: readonly number[]): readonly number[] {
  return control.map((base, index) => {
    const value = canary[index] ?? base;
    return base > 0 && value > 0 ? Math.log(value / base) : Math.sign(value - base);
  });
}

/** One-sided chance of a sum this high if every sign were a toss-up. */
function chanceOfHigher(differences: readonly number[]): number {
  const sizes = differences.map(Math.abs).filter((size) => size > 0);
  if (sizes.length < minPairs) return 1;
  sizes.sort((a, b) => a - b);
  const bound = 2 * (sizes[sizes.length >> 1] ?? 0);
  let sum = 0;
  let squares = 0;
  for (const difference of differences) {
    const clipped = Math.min(bound, Math.max(-bound, difference));
    sum += clipped;
    squares += clipped * clipped;
  }
  return 1 - normalBelow(sum / Math.sqrt(squares));
}

/** Standard normal distribution by the series of the error function; accurate to 1e-12 for |z| below 8. */
function normalBelow(z: number): number {
  if (z <= -8) return 0;
  if (z >= 8) return 1;
  let term = z;
  let sum = z;
  for (let k = 1; k < 200 && Math.abs(term) > 1e-16; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}
