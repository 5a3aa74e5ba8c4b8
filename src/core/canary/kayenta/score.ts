import type { Classification } from "#core/canary/kayenta/classify.ts";

/** A classified metric with what its score depends on. */
export interface ScoredMetric {
  readonly name: string;
  readonly groups: readonly string[];
  readonly classification: Classification;
  readonly isCriticalFailure: boolean;
  /** Shown, and counted nowhere. */
  readonly isMuted: boolean;
}

export interface GroupScore {
  readonly name: string;
  /** 0 to 100; null when every metric of the group is without data, which then costs nothing. */
  readonly score: number | null;
  readonly weight: number;
}

export interface KayentaScore {
  /** 0 to 100. */
  readonly score: number;
  readonly outcome: "Pass" | "Marginal" | "Fail";
  readonly groups: readonly GroupScore[];
  readonly reason: string;
}

/** Scores at which a canary passes, and below that at which it may go on. */
export interface ScoreThresholds {
  readonly pass: number;
  readonly marginal: number;
}

/** From this share of metrics without data on, nothing is said of the canary but that it fails. */
const tooManyWithoutData = 0.5;

/**
 * The summary score of Kayenta's default judge: per group the share of metrics that pass, over the groups a weighted mean;
 * groups without a weight of their own share what the others leave of 100.
 */
export function scoreCanary(
  metrics: readonly ScoredMetric[],
  weights: Readonly<Record<string, number>>,
  thresholds: ScoreThresholds,
): KayentaScore {
  const counted = metrics.filter(({ isMuted }) => !isMuted);
  const groups = scoreGroups(counted, weights);
  const failed = counted.filter(({ isCriticalFailure }) => isCriticalFailure).map(({ name }) => name);
  if (failed.length > 0) return fail(groups, `Critical metrics failed: ${failed.join(", ")}.`);
  const silent = counted.filter(({ classification }) => classification === "Nodata").length;
  if (silent >= tooManyWithoutData * counted.length) {
    return fail(groups, `${silent} of ${counted.length} metrics have no data.`);
  }
  let score = 0;
  for (const group of groups) score += ((group.score ?? 100) * group.weight) / 100;
  const outcome = score >= thresholds.pass ? "Pass" : score >= thresholds.marginal ? "Marginal" : "Fail";
  return { score, outcome, groups, reason: `The score is ${score.toFixed(1)}.` };
}

function fail(groups: readonly GroupScore[], reason: string): KayentaScore {
  return { score: 0, outcome: "Fail", groups, reason };
}

function scoreGroups(
  metrics: readonly ScoredMetric[],
  weights: Readonly<Record<string, number>>,
): readonly GroupScore[] {
  const names = [...new Set(metrics.flatMap(({ groups }) => groups))];
  let given = 0;
  for (const name of names) given += weights[name] ?? 0;
  const others = names.filter((name) => weights[name] === undefined).length;
  return names.map((name) => {
    const own = metrics.filter(({ groups, classification }) => groups.includes(name) && classification !== "Nodata");
    const passed = own.filter(({ classification }) => classification === "Pass").length;
    return {
      name,
      score: own.length === 0 ? null : (100 * passed) / own.length,
      weight: weights[name] ?? (100 - given) / others,
    };
  });
}
