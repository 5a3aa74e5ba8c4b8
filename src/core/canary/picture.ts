import { drawOf } from "#core/canary/conditional-law.ts";
import { addCounts } from "#core/canary/latency.ts";
import { quantileInterval } from "#core/canary/quantile-interval.ts";
import { noRatioEvidence, observeRatio, ratioInterval, type RatioInterval } from "#core/canary/ratio-interval.ts";
import type { Law, Step } from "#core/canary/step.ts";

/** One look of a picture: where the ratio may lie, seen with no more than what had come until then. */
export interface RatioLook extends RatioInterval {
  readonly second: number;
}

/**
 * The confidence sequence of a rate or a count, look by look: how it closes in on the margin. All the intervals together
 * miss a ratio that stays the same with chance alpha at most.
 */
export function ratioPicture(
  looks: readonly { readonly second: number; readonly step: Step }[],
  law: Law,
  alpha: number,
): readonly RatioLook[] {
  let evidence = noRatioEvidence;
  return looks.map(({ second, step }) => {
    evidence = observeRatio(evidence, drawOf(step, law));
    return { second, ...ratioInterval(evidence, alpha) };
  });
}

/** One look at a quantile of one arm, in buckets; nulls before the first request. */
export interface QuantileLook {
  readonly second: number;
  readonly from: number | null;
  readonly to: number | null;
}

/** The confidence sequence of a quantile of a latency of one arm, look by look. */
export function quantilePicture(
  looks: readonly { readonly second: number; readonly counts: readonly number[] }[],
  quantile: number,
  alpha: number,
): readonly QuantileLook[] {
  let sums: readonly number[] = [];
  return looks.map(({ second, counts }) => {
    sums = addCounts(sums, counts);
    return { second, ...(quantileInterval(sums, quantile, alpha) ?? { from: null, to: null }) };
  });
}
