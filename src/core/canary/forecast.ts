import { evidenceBelow } from "#core/canary/harmless.ts";

/**
 * How much longer it takes. Growth is that of the logarithm of the evidence per event when the truth is as named: the
 * information between two binomials with the canary's share of the traffic (A. Wald, "Sequential Analysis", 1947: the
 * expected sample size is the threshold over the growth). An estimate for people, not part of any guarantee.
 */

/** Beyond this nobody waits: the estimate is given up. */
const maxFurther = 100_000_000;

/** What the mixture pays for not knowing how large the harm is and since when it is there, in logarithms. */
const priceOfNotKnowing = 2;

export interface Pace {
  /** The canary's share of the trials. */
  readonly share: number;
  /** Events of both arms per trial of the canary. */
  readonly eventsPerTrial: number;
}

/** Trials of the canary until evidence of `effect` (2: twice the rate) should reach `needed`; null when never. */
export function trialsToFindHarm(pace: Pace, effect: number, evidence: number, needed: number): number | null {
  const { share } = pace;
  const part = (share * effect) / (1 - share + share * effect);
  const growth = part * Math.log(effect) - Math.log(1 - share + share * effect);
  const missing = Math.log(needed) + priceOfNotKnowing - Math.min(0, Math.log(evidence));
  return within(missing / (growth * eventsUnder(pace, effect)));
}

/** Events come more often when the canary is `effect` times as bad. */
function eventsUnder({ share, eventsPerTrial }: Pace, effect: number): number {
  return eventsPerTrial * (1 - share + share * effect);
}

/** Trials of the canary until "below `1 + margin` times" should be proven, if it equals the control; null when never. */
export function trialsToClear(pace: Pace, margin: number, evidence: number, needed: number): number | null {
  const { share, eventsPerTrial } = pace;
  const growth = Math.log(1 + margin * share) - share * Math.log(1 + margin);
  return within((Math.log(needed) - Math.log(evidence)) / (growth * eventsPerTrial));
}

/** Trials of the canary until its rate should be proven to be below `bound`, at the rate seen so far; null when never. */
export function trialsToProveLow(bound: number, trials: number, events: number, needed: number): number | null {
  if (trials === 0) return null;
  const rate = events / trials;
  const isProven = (more: number): boolean => evidenceBelow(bound, trials + more, events + rate * more) >= needed;
  let high = 1;
  while (!isProven(high)) {
    high *= 2;
    if (high > maxFurther) return null;
  }
  let low = high >> 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isProven(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function within(trials: number): number | null {
  return trials > 0 && trials <= maxFurther ? Math.ceil(trials) : null;
}
