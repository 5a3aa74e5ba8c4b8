import { logGenerating, type Draw } from "#core/canary/conditional-law.ts";

/**
 * Evidence that the canary's odds are *not* `1 + margin` times the control's or more: the likelihood ratio of `harm.ts` in
 * the other direction, mixed over alternatives at and below "equal" (non-inferiority as in S. Wellek, "Testing Statistical
 * Hypotheses of Equivalence and Noninferiority", made valid at every look). Kept as logarithms, one per alternative.
 */
export type BelowMargin = readonly number[];

const goodRatios: readonly number[] = [0.5, 0.8, 1];

export const nothingBelowMargin: BelowMargin = goodRatios.map(() => 0);

export function observeBelowMargin(state: BelowMargin, draw: Draw | null, margin: number): BelowMargin {
  if (draw === null) return state;
  const logLikelihood = (ratio: number): number => draw.toCanary * Math.log(ratio) - logGenerating(draw, ratio);
  const bad = logLikelihood(1 + margin);
  return state.map((sum, index) => sum + logLikelihood(goodRatios[index] ?? 1) - bad);
}

export function evidenceBelowMargin(state: BelowMargin): number {
  return meanOfExponentials(state);
}

/**
 * Evidence that a rate is below a bound, from all `events` in all `trials` so far: mixed over rates well below it. It needs
 * no control, and so decides where errors are too rare to compare.
 */
export function evidenceBelow(bound: number, trials: number, events: number): number {
  const logs = [0.05, 0.25, 0.5].map((part) => {
    const rate = bound * part;
    return events * Math.log(part) + (trials - events) * Math.log((1 - rate) / (1 - bound));
  });
  return meanOfExponentials(logs);
}

/** Evidence beyond this is not told apart. */
const maxLogEvidence = 230;

function meanOfExponentials(logs: readonly number[]): number {
  let sum = 0;
  for (const log of logs) sum += Math.exp(Math.min(log, maxLogEvidence));
  return sum / logs.length;
}
