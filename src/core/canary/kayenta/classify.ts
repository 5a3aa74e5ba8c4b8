import { withoutNan, withoutOutliers, type NanStrategy } from "#core/canary/kayenta/clean.ts";
import { shiftBetween } from "#core/canary/kayenta/mann-whitney.ts";

/**
 * One metric as Kayenta's default judge classifies it, from Spinnaker's public description of it ("How canary judgment
 * works"), for teams that bring their configuration along. It keeps that judge's weaknesses: it is made for one look, and no
 * data can pass. One thing differs on purpose: where both arms are constant, Kayenta adds random noise to be able to rank
 * them; here the two constants are compared, so equal inputs give equal answers.
 */
export const classifications = ["Pass", "High", "Low", "Nodata", "NodataFailMetric"] as const;
export type Classification = (typeof classifications)[number];

export interface KayentaMetric {
  readonly direction: "increase" | "decrease" | "either";
  readonly nanStrategy: NanStrategy;
  /** Interquartile ranges beyond which values are dropped; null keeps all. */
  readonly outlierFactor: number | null;
  readonly critical: boolean;
  readonly mustHaveData: boolean;
  readonly effectSize: EffectSize;
}

export interface EffectSize {
  /** `meanRatio`: canary's mean over the baseline's · `cles`: share of pairs in which the canary's value is higher. */
  readonly measure: "meanRatio" | "cles";
  readonly allowedIncrease: number;
  readonly allowedDecrease: number;
  readonly criticalIncrease: number;
  readonly criticalDecrease: number;
}

/** As Kayenta's configuration has it where nothing is said. */
export const kayentaDefaults: KayentaMetric = {
  direction: "either",
  nanStrategy: "remove",
  outlierFactor: null,
  critical: false,
  mustHaveData: false,
  effectSize: {
    measure: "meanRatio",
    allowedIncrease: 1,
    allowedDecrease: 1,
    criticalIncrease: 1,
    criticalDecrease: 1,
  },
};

export interface Classified {
  readonly classification: Classification;
  /** Fails the whole canary. */
  readonly isCriticalFailure: boolean;
  /** Mean of the canary over that of the baseline; null where it is no number. */
  readonly ratio: number | null;
  readonly reason: string;
}

const confidence = 0.98;
/** Part of the estimated shift by which the interval has to lie clear of zero. */
const tolerance = 0.25;

export function classify(
  control: readonly number[],
  experiment: readonly number[],
  metric: KayentaMetric = kayentaDefaults,
): Classified {
  const clean = (values: readonly number[]): readonly number[] => {
    const known = withoutNan(values, metric.nanStrategy);
    return metric.outlierFactor === null ? known : withoutOutliers(known, metric.outlierFactor);
  };
  const [base, canary] = [clean(control), clean(experiment)];
  if (base.length === 0 || canary.length === 0) return withoutData(metric);
  const ratio = meanRatio(base, canary);
  if (sameValues(base, canary)) return pass(1, "The values of both arms are identical.");
  const side = sideOf(base, canary, metric.direction);
  if (side === "Pass") return pass(ratio, "No significant difference.");
  const effect = metric.effectSize.measure === "cles" ? commonLanguage(base, canary) : ratio;
  const { allowedIncrease, allowedDecrease, criticalIncrease, criticalDecrease } = metric.effectSize;
  // An effect that is no number cannot be compared with a limit: significance alone decides.
  const reaches = (increase: number, decrease: number): boolean =>
    effect === null || (side === "High" ? effect >= increase : effect <= decrease);
  if (!reaches(allowedIncrease, allowedDecrease)) return pass(ratio, "The effect is below the size that counts.");
  const isCriticalFailure = metric.critical && reaches(criticalIncrease, criticalDecrease);
  return {
    classification: side,
    isCriticalFailure,
    ratio,
    reason: `The canary is significantly ${side.toLowerCase()}.`,
  };
}

function withoutData({ nanStrategy, mustHaveData, critical }: KayentaMetric): Classified {
  if (nanStrategy === "replace") return pass(null, "No data, which this metric takes for none happened.");
  const classification = mustHaveData ? "NodataFailMetric" : "Nodata";
  return { classification, isCriticalFailure: mustHaveData && critical, ratio: null, reason: "There is no data." };
}

function pass(ratio: number | null, reason: string): Classified {
  return { classification: "Pass", isCriticalFailure: false, ratio, reason };
}

function sideOf(
  base: readonly number[],
  canary: readonly number[],
  direction: KayentaMetric["direction"],
): "Pass" | "High" | "Low" {
  const { lower, upper, estimate } = shiftBetween(base, canary, confidence);
  const band = tolerance * Math.abs(estimate);
  if (lower > band && direction !== "decrease") return "High";
  return upper < -band && direction !== "increase" ? "Low" : "Pass";
}

function sameValues(a: readonly number[], b: readonly number[]): boolean {
  const [first, second] = [a.toSorted((x, y) => x - y), b.toSorted((x, y) => x - y)];
  return first.length === second.length && first.every((value, index) => value === second[index]);
}

/** Null when either mean is zero. */
function meanRatio(base: readonly number[], canary: readonly number[]): number | null {
  const mean = (values: readonly number[]): number => {
    let sum = 0;
    for (const value of values) sum += value;
    return sum / values.length;
  };
  const [below, above] = [mean(base), mean(canary)];
  return below === 0 || above === 0 ? null : above / below;
}

/** Share of pairs in which the canary's value is the higher one (K. McGraw and S. Wong, 1992). */
function commonLanguage(base: readonly number[], canary: readonly number[]): number {
  let higher = 0;
  for (const own of canary) for (const other of base) if (own > other) higher++;
  return higher / (base.length * canary.length);
}
