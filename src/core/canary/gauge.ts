import { leanOf, neighbours, type Pair } from "#core/canary/local-rank.ts";
import { advance, evidenceOf, startMixture, type Mixture } from "#core/canary/mixture.ts";

/**
 * A metric of which each look brings one value per arm: load, memory, the mean of something. The rank of the pair among the
 * pairs *before* it is symmetric about zero if the arms do not differ, so exp(stake × rank) / cosh(stake × rank) has an
 * expected value of exactly 1 and the product is a test martingale, whatever the values are distributed like (V. de la Peña,
 * "A General Class of Exponential Inequalities for Martingales and Ratios", 1999; A. Ramdas, J. Ruf, M. Larsson and W.
 * Koolen, "Admissible Anytime-Valid Sequential Inference Must Rely on Nonnegative Martingales", 2020).
 */
export interface GaugeState {
  readonly harm: Mixture;
  /** Logarithms of the evidence of being below `1 + margin` times the control, one per stake. */
  readonly below: readonly number[];
  /** The latest pairs: the state does not grow. */
  readonly recent: readonly Pair[];
  readonly pairs: number;
}

/** How much is staked on a rank: little finds small shifts slowly, much finds large ones fast. */
const stakes: readonly number[] = [0.7, 2, 5];

export const noGauge: GaugeState = {
  harm: startMixture(stakes.length),
  below: stakes.map(() => 0),
  recent: [],
  pairs: 0,
};

export function observeGauge(state: GaugeState, pair: Pair, margin: number): GaugeState {
  const { recent } = state;
  const lean = leanOf(pair, recent);
  const raised = (own: Pair): Pair => ({ control: own.canary, canary: own.control * (1 + margin) });
  const room = pair.control > 0 && pair.canary > 0 ? leanOf(raised(pair), recent.map(raised)) : 0;
  return {
    harm: advance(state.harm, lean === 0 ? null : stakes.map((stake) => Math.exp(logFactor(stake, lean)))),
    below: state.below.map((sum, index) => sum + logFactor(stakes[index] ?? 0, room)),
    recent: [...recent, pair].slice(-neighbours),
    pairs: state.pairs + 1,
  };
}

function logFactor(stake: number, lean: number): number {
  return stake * lean - Math.log(Math.cosh(stake * lean));
}

export function gaugeHarm({ harm }: GaugeState): number {
  return evidenceOf(harm);
}

/** Evidence that the canary is below `1 + margin` times the control. */
export function gaugeBelow({ below }: GaugeState): number {
  let sum = 0;
  for (const log of below) sum += Math.exp(Math.min(log, maxLogEvidence)) / below.length;
  return sum;
}

/** Evidence beyond this is not told apart. */
const maxLogEvidence = 230;
