import { z } from "zod";
import { classify, kayentaDefaults } from "#core/canary/kayenta/classify.ts";
import { scoreCanary } from "#core/canary/kayenta/score.ts";
import { labId } from "./line.ts";

/** Values of one arm, and metrics in one line. */
const maxValues = 5_000;
const maxMetrics = 500;

/** `null` is a value that is missing. */
const values = z.array(z.number().nullable()).max(maxValues);
const limit = z.number().optional();

const metric = z.object({
  name: z.string(),
  groups: z.array(z.string()).default([]),
  control: values,
  canary: values,
  direction: z.enum(["increase", "decrease", "either"]).default(kayentaDefaults.direction),
  nanStrategy: z.enum(["remove", "replace"]).default(kayentaDefaults.nanStrategy),
  outliers: z
    .object({ strategy: z.enum(["keep", "remove"]), outlierFactor: z.number().positive().default(3) })
    .optional(),
  critical: z.boolean().default(false),
  mustHaveData: z.boolean().default(false),
  muted: z.boolean().default(false),
  effectSize: z
    .object({
      measure: z.enum(["meanRatio", "cles"]).default("meanRatio"),
      allowedIncrease: limit,
      allowedDecrease: limit,
      criticalIncrease: limit,
      criticalDecrease: limit,
    })
    .optional(),
});

/** `{id, metric: "kayenta", metrics, groupWeights, thresholds: {pass, marginal}}`: words as in a Kayenta configuration. */
export const kayentaLine = z.object({
  id: labId,
  metric: z.literal("kayenta"),
  metrics: z.array(metric).max(maxMetrics),
  groupWeights: z.record(z.string(), z.number()).default({}),
  thresholds: z.object({ pass: z.number(), marginal: z.number() }).default({ pass: 95, marginal: 75 }),
});

type KayentaLine = z.infer<typeof kayentaLine>;

/** `{id, outcome, score, reason, groups, metrics}`. */
export function answerKayenta({ id, metrics, groupWeights, thresholds }: KayentaLine): object {
  const classified = metrics.map((own) => ({ ...own, ...classifyMetric(own) }));
  const scored = classified.map(({ name, groups, classification, isCriticalFailure, muted }) => ({
    name,
    groups,
    classification,
    isCriticalFailure,
    isMuted: muted,
  }));
  const { outcome, score, reason, groups } = scoreCanary(scored, groupWeights, thresholds);
  const shown = classified.map(({ name, classification, isCriticalFailure, ratio, reason: why }) => {
    return { name, classification, isCriticalFailure, ratio, reason: why };
  });
  return { id, outcome, score, reason, groups, metrics: shown };
}

function classifyMetric(own: KayentaLine["metrics"][number]) {
  const known = (arm: readonly (number | null)[]): readonly number[] => arm.map((value) => value ?? Number.NaN);
  const { outliers, effectSize } = own;
  const measure = effectSize?.measure ?? "meanRatio";
  // Where the two arms are equal a ratio is 1, and half of the pairs are the one way.
  const neutral = measure === "cles" ? 0.5 : 1;
  return classify(known(own.control), known(own.canary), {
    direction: own.direction,
    nanStrategy: own.nanStrategy,
    outlierFactor: outliers?.strategy === "remove" ? outliers.outlierFactor : null,
    critical: own.critical,
    mustHaveData: own.mustHaveData,
    effectSize: {
      measure,
      allowedIncrease: effectSize?.allowedIncrease ?? neutral,
      allowedDecrease: effectSize?.allowedDecrease ?? neutral,
      criticalIncrease: effectSize?.criticalIncrease ?? neutral,
      criticalDecrease: effectSize?.criticalDecrease ?? neutral,
    },
  });
}
