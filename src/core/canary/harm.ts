import { logGenerating, type Draw } from "#core/canary/conditional-law.ts";
import { advance, startMixture, type Mixture } from "#core/canary/mixture.ts";

/**
 * Evidence that events come to the canary at a higher rate than to the control. The factor of an alternative is the
 * likelihood ratio of "the odds are `ratio` times as high" against "equal" for the canary's part of the events of the step,
 * given their number: an exact conditional test, made sequential as a likelihood ratio (A. Wald, "Sequential Tests of
 * Statistical Hypotheses", 1945; for counts M. Lindon and A. Malek, "Anytime-Valid Inference for Multinomial Count Data",
 * 2022; for two proportions R. Turner, A. Ly and P. Grünwald, "Generic E-Variables for Exact Sequential k-Sample Tests that
 * allow for Optional Stopping", 2022). The family has a monotone likelihood ratio, so the guarantee also holds for every
 * canary that is better. One-sided: no alarm goes to being better.
 */

/**
 * Logarithms of the alternatives, from a third more to nearly six times as much. Each is a fixed multiple of the one
 * before: how exactly the data tell a ratio by the time they tell it at all is proportional to its logarithm, so equal
 * steps of log log waste nothing on either end.
 */
const logRatios: readonly number[] = Array.from({ length: 6 }, (_, index) => 0.36 * (1.75 / 0.36) ** (index / 5));
const ratios: readonly number[] = logRatios.map(Math.exp);

export const noHarm: Mixture = startMixture(ratios.length);

/**
 * `tolerated`: the ratio of odds up to which the canary is not called worse; 1 for "not higher at all". The alternatives are
 * that many times larger, and the guarantee holds for every ratio up to the tolerated one.
 */
export function observeHarm(harm: Mixture, draw: Draw | null, tolerated = 1): Mixture {
  if (draw === null) return advance(harm, null);
  const bound = logGenerating(draw, tolerated);
  return advance(
    harm,
    ratios.map((ratio, index) =>
      Math.exp(draw.toCanary * (logRatios[index] ?? 0) + bound - logGenerating(draw, ratio * tolerated)),
    ),
  );
}
