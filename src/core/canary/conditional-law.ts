import { isTelling, type Law, type Step } from "#core/canary/step.ts";

/**
 * How many of the events of a step fall to the canary when nothing but chance divides them, given how many there were in
 * all: of a rate hypergeometric (sampling without replacement), of a count binomial with the canary's share of the
 * exposure. Both hold whatever the common rate does in that second, so bursts, waves and outages that hit both arms cancel.
 * Multiplying the canary's odds by `psi` tilts the law: P(k) becomes P(k)·psi^k / E[psi^K], which for a rate is Fisher's
 * noncentral hypergeometric. (R. A. Fisher, "The Logic of Inductive Inference", 1935; J. Cornfield, 1956.)
 */
export interface Draw {
  readonly events: number;
  /** How many of them fell to the canary. */
  readonly toCanary: number;
  /** Trials of a rate, exposure of a count. */
  readonly control: number;
  readonly canary: number;
  /** The canary's share, where the law is binomial; null where it is not. */
  readonly binomialShare: number | null;
  /** Chances of `lowest`, `lowest + 1`, … events; null where there are too many to hold. */
  readonly chances: readonly number[] | null;
  readonly lowest: number;
}

/** Up to here the powers of a tilt and the chances they are multiplied with stay within what a number can hold. */
const maxHeld = 200;

/** Null for a step that says nothing of the ratio: without events, or with one arm silent. */
export function drawOf(step: Step, law: Law): Draw | null {
  if (!isTelling(step)) return null;
  const { controlTrials: control, controlEvents, canaryTrials: canary, canaryEvents: toCanary } = step;
  const events = controlEvents + toCanary;
  const lowest = law === "count" ? 0 : Math.max(0, events - control);
  const isBinomial = law === "count" || events === 1;
  const binomialShare = isBinomial ? canary / (canary + control) : null;
  const chances = isBinomial || events > maxHeld ? null : chancesOf(events, control, canary, lowest);
  return { events, toCanary, control, canary, binomialShare, chances, lowest };
}

function chancesOf(events: number, control: number, canary: number, lowest: number): readonly number[] {
  const highest = Math.min(events, canary);
  const terms = [1];
  let term = 1;
  let sum = 1;
  for (let k = lowest; k < highest; k++) {
    term *= ((events - k) * (canary - k)) / ((k + 1) * (control - events + k + 1));
    terms.push(term);
    sum += term;
  }
  if (sum === Number.POSITIVE_INFINITY)
    return chancesOf(events, canary, control, Math.max(0, events - canary)).toReversed();
  for (let index = 0; index < terms.length; index++) terms[index] = (terms[index] ?? 0) / sum;
  return terms;
}

/** log E[psi^K], exact. */
export function logGenerating(draw: Draw, psi: number): number {
  const { events, binomialShare, chances, lowest } = draw;
  if (psi === 1) return 0;
  if (binomialShare !== null) return events * Math.log1p((psi - 1) * binomialShare);
  if (chances === null) return logSum(draw, psi) - logSum(draw, 1);
  let sum = 0;
  for (let index = chances.length - 1; index >= 0; index--) sum = sum * psi + (chances[index] ?? 0);
  return lowest === 0 ? Math.log(sum) : Math.log(sum) + lowest * Math.log(psi);
}

/** Mean of K when the canary's odds are multiplied by `psi`: the derivative of `logGenerating` by log psi. */
export function tiltedMean(draw: Draw, psi: number): number {
  const { events, control, canary, binomialShare, lowest } = draw;
  if (binomialShare !== null) return (events * psi * binomialShare) / (1 + (psi - 1) * binomialShare);
  const highest = Math.min(events, canary);
  let term = 1;
  let sum = 0;
  let weighted = 0;
  for (let k = lowest; ; k++) {
    sum += term;
    weighted += term * k;
    if (k >= highest) return weighted / sum;
    term *= (psi * (events - k) * (canary - k)) / ((k + 1) * (control - events + k + 1));
    if (sum > tooLarge || term > tooLarge) {
      [term, sum, weighted] = [term / tooLarge, sum / tooLarge, weighted / tooLarge];
    }
  }
}

/** Sums are scaled down here, so that no product of binomial coefficients overflows. */
const tooLarge = 1e200;
const logTooLarge = Math.log(tooLarge);

/** log of the sum of C(canary, k)·C(control, events − k)·psi^k over k, up to a constant that does not depend on psi. */
function logSum({ events, control, canary, lowest }: Draw, psi: number): number {
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
