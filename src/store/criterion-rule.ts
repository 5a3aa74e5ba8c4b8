import { z } from "zod";
import { metricSources } from "#core/criteria/criterion.ts";
import { aggregates } from "#core/criteria/series.ts";

/** A criterion as it stood when a step began that watches it. */
export const criterionRule = z.object({
  name: z.string(),
  source: z.enum(metricSources),
  query: z.string(),
  unit: z.string(),
  aggregate: z.enum(aggregates),
  worse: z.enum(["higher", "lower"]),
  limit: z.number().nullable(),
  against: z.array(
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("control"), percent: z.number() }),
      z.object({ kind: z.literal("former-weeks"), percent: z.number(), weeks: z.number(), minWeeks: z.number() }),
    ]),
  ),
  windowSeconds: z.number(),
  freshSeconds: z.number(),
  minPoints: z.number(),
  minObservations: z.number(),
  whenAbsent: z.enum(["zero", "unknown"]),
  onBreach: z.enum(["fail", "flag"]),
});
