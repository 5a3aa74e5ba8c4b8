import { z } from "zod";
import { createCanaryJudge } from "#core/canary/judge.ts";
import { plainMetric } from "#core/canary/metric.ts";
import { judgePairs } from "#core/canary/pairs.ts";
import { labId, toLabError } from "./line.ts";

/** Looks in one line; a day of seconds. */
const maxLooks = 86_400;

/** An error rate below which nobody asks for a comparison. */
const healthyRate = 0.01;

const count = z.number().int().min(0);
const look = z.tuple([z.number(), count, count, count, count]);

const line = z.discriminatedUnion("metric", [
  z.object({
    id: labId,
    alpha: z.number().gt(0).lt(1),
    metric: z.literal("rate"),
    margin: z.number().positive().optional(),
    looks: z.array(look).max(maxLooks),
  }),
  z.object({
    id: labId,
    alpha: z.number().gt(0).lt(1),
    metric: z.literal("values"),
    control: z.array(z.number()).max(maxLooks),
    canary: z.array(z.number()).max(maxLooks),
  }),
]);

type RateLine = Extract<z.infer<typeof line>, { metric: "rate" }>;

/**
 * A canary judged at every look as if the later ones did not exist: `{id, alpha, metric: "rate", looks: [[second,
 * controlRequests, controlErrors, canaryRequests, canaryErrors]…]}` (increments) gives `{id, outcome, at}` with the
 * second of the first look that says so. "worse" ends it; "not-worse" may still turn into "worse". `metric: "values"`
 * judges two series of equal length once, at their end. What cannot be read gives `{id, error}`.
 */
export function answerLine(input: unknown): object {
  const parsed = line.safeParse(input);
  if (!parsed.success) return toLabError(input, z.prettifyError(parsed.error));
  const { data } = parsed;
  if (data.metric === "rate") return { id: data.id, ...judgeRate(data) };
  if (data.control.length !== data.canary.length) {
    return toLabError(input, `control has ${data.control.length} values and canary ${data.canary.length}`);
  }
  return { id: data.id, outcome: judgePairs(data.control, data.canary, data.alpha), at: null };
}

function judgeRate({ alpha, margin, looks }: RateLine): { readonly outcome: string; readonly at: number | null } {
  const errors = { ...plainMetric, name: "errors", kind: "rate", healthyBelow: healthyRate } as const;
  const judge = createCanaryJudge({
    alpha,
    metrics: [{ ...errors, margin: margin ?? plainMetric.margin }],
    // A line has no clock but its own, so nothing in it is stale.
    freshForSeconds: Number.POSITIVE_INFINITY,
  });
  let state = judge.initial;
  let notWorseAt: number | null = null;
  for (const [second, controlTrials, controlEvents, canaryTrials, canaryEvents] of looks) {
    const reading = { kind: "rate", controlTrials, controlEvents, canaryTrials, canaryEvents } as const;
    state = judge.observe(state, second, [{ second, series: "line", reading }]);
    const { outcome } = judge.verdict(state, second);
    if (outcome === "worse") return { outcome, at: second };
    notWorseAt = outcome === "not-worse" ? (notWorseAt ?? second) : null;
  }
  return notWorseAt === null ? { outcome: "not-enough", at: null } : { outcome: "not-worse", at: notWorseAt };
}
