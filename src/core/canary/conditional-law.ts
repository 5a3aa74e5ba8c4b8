import type { Law } from "#core/canary/step.ts";

/**
 * How many of the `events` of a step fall to the canary when nothing but chance divides them, given how many there were in
 * all: of a rate hypergeometric (sampling without replacement), of a count binomial with the canary's share of the
 * exposure. Both hold whatever the common rate does in that second, so bursts, waves and outages that hit both arms cancel.
 * Multiplying the canary's odds by `psi` tilts the law: P(k) becomes P(k)·psi^k / E[psi^K], which for a rate is Fisher's
 * noncentral hypergeometric. (R. A. Fisher, "The Logic of Inductive Inference", 1935; J. Cornfield, 1956.)
 */
export interface Draw {
  readonly law: Law;
  readonly events: number;
  /** Trials of a rate, exposure of a count. */
  readonly control: number;
  readonly canary: number;
}

/** log E[psi^K], exact. */
export function logGenerating(draw: Draw, psi: number): number {
  const { law, events, control, canary } = draw;
  if (psi === 1) return 0;
  if (law === "count" || events === 1) return events * Math.log1p((psi - 1) * (canary / (canary + control)));
  return logSum(draw, psi) - logSum(draw, 1);
}

/** Mean of K when the canary's odds are multiplied by `psi`: the derivative of `logGenerating` by log psi. */
export function tiltedMean(draw: Draw, psi: number): number {
  const { law, events, control, canary } = draw;
  if (law === "count" || events === 1) return (events * psi * canary) / (control + psi * canary);
  const lowest = Math.max(0, events - control);
  const highest = Math.min(events, canary);
  let term = 1;
  let sum = 0;
  let weighted = 0;
  for (let k = lowest; ; k++) {
    sum += term;
    weighted += term * k;
    if (k >= highest) return weighted / sum;
    term *= (psi * (events - k) * (canary - k)) / ((k + 1) * (control - events + k + 1));
    if (sum > tooLarge || term > tooLarge)
      [term, sum, weighted] = [term / tooLarge, sum / tooLarge, weighted / tooLarge];
  }
}

/** Sums are scaled down here, so that no product of binomial coefficients overflows. */
const tooLarge = 1e200;
const logTooLarge = Math.log(tooLarge);

/** log of the sum of C(canary, k)·C(control, events − k)·psi^k over k, up to a constant that does not depend on psi. */
function logSum({ events, control, canary }: Draw, psi: number): number {
  const lowest = Math.max(0, events - control);
  const highest = Math.min(events, canary);
  let term = 1;
  let sum = 0;
  let scaled = 0;
  for (let k = lowest; ; k++) {
    sum += term;
    if (k >= highest) return Math.log(sum) + scaled * logTooLarge + lowest * Math.log(psi);
    term *= (psi * (events - k) * (canary - k)) / ((k + 1) * (control - events + k + 1));
    if (sum > tooLarge || term > tooLarge) {
      term /= tooLarge;
      sum /= tooLarge;
      scaled++;
    }
  }
}
