import { normalQuantile } from "#core/canary/normal.ts";

/**
 * The Mann-Whitney test with an interval for the shift between two samples, asymptotic, with corrections for ties and for
 * continuity, as statistical packages document it (H. Mann and D. Whitney, "On a Test of Whether One of Two Random Variables
 * Is Stochastically Larger than the Other", 1947; J. Hodges and E. Lehmann, "Estimates of Location Based on Rank Tests",
 * 1963; interval by inverting the test, D. Bauer, "Constructing Confidence Sets Using Rank Statistics", 1972). A test for one
 * look: repeated looks are not corrected for.
 */
export interface Shift {
  readonly lower: number;
  readonly upper: number;
  /** The shift at which the two samples would rank equal. */
  readonly estimate: number;
}

/** Of `experiment` against `control`, both with at least one value. */
export function shiftBetween(control: readonly number[], experiment: readonly number[], confidence: number): Shift {
  const smallest = Math.min(...experiment) - Math.max(...control);
  const largest = Math.max(...experiment) - Math.min(...control);
  // One value on either side: nothing to rank, and the shift is what it is.
  if (smallest === largest) return { lower: smallest, upper: smallest, estimate: smallest };
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const crossing = (level: number, isCorrected: boolean): number =>
    fallsTo(level, (shift) => standardScore(control, experiment, shift, isCorrected), smallest, largest);
  return { lower: crossing(z, true), upper: crossing(-z, true), estimate: crossing(0, false) };
}

/** How far the two samples, moved together by `shift`, rank apart, in standard deviations. */
function standardScore(
  control: readonly number[],
  experiment: readonly number[],
  shift: number,
  isCorrected: boolean,
): number {
  const values = [
    ...experiment.map((value) => ({ value: value - shift, isOwn: true })),
    ...control.map((value) => ({ value, isOwn: false })),
  ].toSorted((a, b) => a.value - b.value);
  const [n, m] = [experiment.length, control.length];
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < values.length;) {
    let to = from;
    let own = 0;
    while (to < values.length && values[to]?.value === values[from]?.value) {
      if (values[to]?.isOwn === true) own++;
      to++;
    }
    const tied = to - from;
    rankSum += (own * (from + to + 1)) / 2;
    ties += tied ** 3 - tied;
    from = to;
  }
  const apart = rankSum - (n * (n + 1)) / 2 - (n * m) / 2;
  const deviation = Math.sqrt(((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
  if (deviation === 0) return 0;
  return (apart - (isCorrected ? Math.sign(apart) * 0.5 : 0)) / deviation;
}

/** Where a falling step function reaches a level, by halving; the end of the range where it never does. */
function fallsTo(level: number, score: (shift: number) => number, smallest: number, largest: number): number {
  if (score(smallest) <= level) return smallest;
  if (score(largest) >= level) return largest;
  let [low, high] = [smallest, largest];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (score(middle) > level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
