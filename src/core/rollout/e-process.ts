/**
 * Evidence that the events of the canary come at a higher rate than those of the control, as an e-process: under "not
 * higher" its expected value never exceeds 1, so it passes 1/alpha at *any* of arbitrarily many looks with probability
 * alpha at most (Ville's inequality). Given the events of both arms in one step, those of the canary are at most as
 * spread as a binomial with the canary's share of the traffic (a hypergeometric: sampling without replacement), so
 * bursts that hit both arms cancel. The likelihood ratio is mixed over how much worse and over since when.
 */
export interface HigherRate {
  /** Steps seen; the weight of a start depends on it. */
  readonly steps: number;
  /** Weight of the starts that lie in the future. */
  readonly waiting: number;
  /** Per ratio: sum over the past starts of weight × likelihood ratio since then. */
  readonly started: readonly number[];
}

/** Events and trials of both arms in one step. */
export interface Step {
  readonly controlTrials: number;
  readonly controlEvents: number;
  readonly canaryTrials: number;
  readonly canaryEvents: number;
}

/** How much worse the canary may be, from "hardly" to "broken", in equal steps of the logarithm. */
const ratios: readonly number[] = Array.from({ length: 12 }, (_, index) => 1.35 * 1.2 ** index);

/** Most bad versions are bad from their first request; the rest of the weight falls off slowly with time. */
const weightAtOnce = 0.4;
const halfOfTheRestAfterSteps = 200;

/** Evidence beyond this is not told apart; it keeps the sums finite and errs to the safe side. */
const maxEvidence = 1e100;

export const noEvidence: HigherRate = { steps: 0, waiting: 1, started: ratios.map(() => 0) };

/**
 * `tolerated`: the ratio of rates up to which the canary is not called worse; 1 for "not higher at all". The alternatives
 * are that many times larger, and the guarantee holds for every ratio up to the tolerated one.
 */
export function observeHigherRate(state: HigherRate, step: Step, tolerated = 1): HigherRate {
  const steps = state.steps + 1;
  const starting = weightOfStart(steps);
  const events = step.controlEvents + step.canaryEvents;
  const trials = step.controlTrials + step.canaryTrials;
  // Without events, or with one arm silent, the step says nothing about the ratio.
  const isTelling = events > 0 && step.controlTrials > 0 && step.canaryTrials > 0;
  const share = isTelling ? step.canaryTrials / trials : 0;
  const started = state.started.map((sum, index) => {
    const from = sum + starting;
    return isTelling
      ? Math.min(from * likelihoodRatio(ratios[index] ?? 1, tolerated, share, step.canaryEvents, events), maxEvidence)
      : from;
  });
  return { steps, waiting: state.waiting - starting, started };
}

/** The evidence so far: compare with 1/alpha. */
export function evidenceOf(state: HigherRate): number {
  let sum = 0;
  for (const value of state.started) sum += value;
  return sum / state.started.length + Math.max(0, state.waiting);
}

/** Weights of all starts add up to 1: the second part telescopes. */
function weightOfStart(step: number): number {
  const scale = halfOfTheRestAfterSteps;
  const later = ((1 - weightAtOnce) * scale) / ((step + scale - 1) * (step + scale));
  return step === 1 ? weightAtOnce + later : later;
}

/** Of `ratio × tolerated` against `tolerated`, given how many events there were in all. */
function likelihoodRatio(
  ratio: number,
  tolerated: number,
  share: number,
  canaryEvents: number,
  events: number,
): number {
  const alternative = 1 - share + ratio * tolerated * share;
  const bound = 1 - share + tolerated * share;
  return ratio ** canaryEvents * (bound / alternative) ** events;
}

/**
 * Evidence that the canary's rate is *not* `1 + margin` times the control's or more: the same likelihood ratio in the
 * other direction, mixed over three alternatives at and below "equal". Kept as logarithms.
 */
export type BelowMargin = readonly number[];

const goodRatios: readonly number[] = [0.5, 0.8, 1];

export const nothingBelowMargin: BelowMargin = goodRatios.map(() => 0);

export function observeBelowMargin(state: BelowMargin, step: Step, margin: number): BelowMargin {
  const events = step.controlEvents + step.canaryEvents;
  if (events === 0 || step.controlTrials === 0 || step.canaryTrials === 0) return state;
  const share = step.canaryTrials / (step.controlTrials + step.canaryTrials);
  const bad = logLikelihood(1 + margin, share, step.canaryEvents, events);
  return state.map((sum, index) => sum + logLikelihood(goodRatios[index] ?? 1, share, step.canaryEvents, events) - bad);
}

function logLikelihood(ratio: number, share: number, canaryEvents: number, events: number): number {
  return canaryEvents * Math.log(ratio) - events * Math.log(1 - share + ratio * share);
}

export function evidenceBelowMargin(state: BelowMargin): number {
  return meanOfExponentials(state);
}

/** Evidence that a rate is below a bound, from `events` in `trials`: mixed over rates well below it. */
export function evidenceBelow(bound: number, trials: number, events: number): number {
  const logs = [0.05, 0.25, 0.5].map((part) => {
    const rate = bound * part;
    return events * Math.log(part) + (trials - events) * Math.log((1 - rate) / (1 - bound));
  });
  return meanOfExponentials(logs);
}

function meanOfExponentials(logs: readonly number[]): number {
  let sum = 0;
  for (const log of logs) sum += Math.min(Math.exp(log), maxEvidence);
  return sum / logs.length;
}

/** Expected growth of the logarithm of the evidence below the margin, per event, when the canary equals the control. */
export function growthBelowMargin(share: number, margin: number): number {
  const equal = share * logLikelihood(1, share, 1, 1) + (1 - share) * logLikelihood(1, share, 0, 1);
  const bad = share * logLikelihood(1 + margin, share, 1, 1) + (1 - share) * logLikelihood(1 + margin, share, 0, 1);
  return equal - bad;
}
