import { leanOf, neighbours, type Pair } from "#core/canary/local-rank.ts";
import { normalBelow } from "#core/canary/normal.ts";

/**
 * Two series measured side by side, judged once at their end; not for looking again and again. The test rests on symmetry
 * alone: if the canary does not differ, each pair is as likely the other way round, and the sum of the local ranks of
 * `local-rank.ts` with random signs has no heavier tail than the normal distribution with its sum of squares (F. Wilcoxon,
 * "Individual Comparisons by Ranking Methods", 1945, with ranks among neighbours; for sums of bounded signs M. Eaton, "A
 * Note on Symmetric Bernoulli Random Variables", 1970).
 */
export function judgePairs(
  control: readonly number[],
  canary: readonly number[],
  alpha: number,
): "worse" | "not-worse" | "not-enough" {
  const pairs = control.map((value, index) => ({ control: value, canary: canary[index] ?? value }));
  if (!pairs.every((pair) => Number.isFinite(pair.control) && Number.isFinite(pair.canary))) return "not-enough";
  if (chanceOfHigher(pairs) < alpha) return "worse";
  // Pairs without a ratio say nothing about how far apart the two are: silence is never health.
  const comparable = pairs.filter((pair) => pair.control > 0 && pair.canary > 0);
  const raised = comparable.map((pair) => ({ control: pair.canary, canary: pair.control * (1 + toleratedShift) }));
  return chanceOfHigher(raised) < alpha ? "not-worse" : "not-enough";
}

/** A canary proven to be less than a quarter above the control counts as not worse. */
const toleratedShift = 0.25;
/** Fewer differing pairs than this cannot reach a small alpha whatever they say. */
const minPairs = 8;

/** One-sided chance of a sum of ranks this high if every sign were a toss-up. */
function chanceOfHigher(pairs: readonly Pair[]): number {
  let sum = 0;
  let squares = 0;
  let differing = 0;
  for (const [index, pair] of pairs.entries()) {
    const before = pairs.slice(Math.max(0, index - neighbours), index);
    const lean = leanOf(pair, [...before, ...pairs.slice(index + 1, index + 1 + neighbours)]);
    sum += lean;
    squares += lean * lean;
    if (lean !== 0) differing++;
  }
  return differing < minPairs ? 1 : 1 - normalBelow(sum / Math.sqrt(squares));
}
