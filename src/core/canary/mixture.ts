/**
 * Evidence mixed over what the harm is and over since when it is there. Each step brings one factor per alternative, each
 * with an expected value of at most 1 while there is no harm; then so has every product of them, and every weighted mean of
 * products. By Ville's inequality (J. Ville, "Étude critique de la notion de collectif", 1939) the mixture ever passes
 * 1/alpha with probability alpha at most, at however many looks. A start at every step costs nothing: the sums over all
 * starts of the past are one number per alternative, so the state does not grow (A. N. Shiryaev, "On Optimum Methods in
 * Quickest Detection Problems", 1963; M. Pollak and D. Siegmund on mixtures over change points).
 */
export interface Mixture {
  readonly steps: number;
  /** Weight of the starts that lie in the future. */
  readonly waiting: number;
  /** Per alternative: sum over the past starts of weight × product of the factors since then. */
  readonly started: readonly number[];
}

/** Most bad versions are bad from their first request; the rest of the weight falls off slowly, and never ends. */
const weightAtOnce = 0.5;
const halfOfTheRestAfterSteps = 100;

/** Evidence beyond this is not told apart; it keeps the sums finite and errs to the safe side. */
const maxEvidence = 1e100;

export function startMixture(alternatives: number): Mixture {
  return { steps: 0, waiting: 1, started: Array.from({ length: alternatives }, () => 0) };
}

/** `factors`: one per alternative, or null for a step that says nothing (time passes all the same). */
export function advance(mixture: Mixture, factors: readonly number[] | null): Mixture {
  const steps = mixture.steps + 1;
  const starting = weightOfStart(steps);
  const started = mixture.started.map((sum, index) => {
    const from = sum + starting;
    return factors === null ? from : Math.min(from * (factors[index] ?? 1), maxEvidence);
  });
  return { steps, waiting: mixture.waiting - starting, started };
}

/** The evidence as it stands now: compare with 1/alpha. 1 is none in either direction. */
export function evidenceOf(mixture: Mixture): number {
  let sum = 0;
  for (const value of mixture.started) sum += value;
  return sum / mixture.started.length + Math.max(0, mixture.waiting);
}

/** Weights of all starts add up to 1: the second part telescopes. */
function weightOfStart(step: number): number {
  const scale = halfOfTheRestAfterSteps;
  const later = ((1 - weightAtOnce) * scale) / ((step + scale - 1) * (step + scale));
  return step === 1 ? weightAtOnce + later : later;
}
