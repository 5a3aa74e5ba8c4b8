import { z } from "zod";
import { createCanaryJudge, type Sample } from "#core/canary/judge.ts";
import { boundOfBucket, toBuckets } from "#core/canary/latency.ts";
import { plainMetric, type MetricSpec } from "#core/canary/metric.ts";
import { judgePairs } from "#core/canary/pairs.ts";
import { quantilePicture, ratioPicture } from "#core/canary/picture.ts";
import { answerKayenta, kayentaLine } from "./kayenta.ts";
import { labId, toLabError } from "./line.ts";

/** Looks in one line; a day of seconds. */
const maxLooks = 86_400;
/** Requests of one arm in one look of latencies. */
const maxRequests = 100_000;

/** An error rate below which nobody asks for a comparison. */
const healthyRate = 0.01;
/** The quantile that is shown of latencies. */
const shownQuantile = 0.95;

const count = z.number().int().min(0);
const look = z.tuple([z.number(), count, count, count, count]);
const milliseconds = z.array(z.number().min(0)).max(maxRequests);

const judged = {
  id: labId,
  alpha: z.number().gt(0).lt(1),
  margin: z.number().positive().optional(),
  /** Also the confidence sequence, look by look. */
  picture: z.boolean().optional(),
};

const line = z.discriminatedUnion("metric", [
  z.object({ ...judged, metric: z.literal("rate"), looks: z.array(look).max(maxLooks) }),
  z.object({
    ...judged,
    metric: z.literal("latency"),
    looks: z.array(z.tuple([z.number(), milliseconds, milliseconds])).max(maxLooks),
  }),
  z.object({
    id: labId,
    alpha: z.number().gt(0).lt(1),
    metric: z.literal("values"),
    control: z.array(z.number()).max(maxLooks),
    canary: z.array(z.number()).max(maxLooks),
  }),
  kayentaLine,
]);

type Line = z.infer<typeof line>;
type RateLine = Extract<Line, { metric: "rate" }>;
type LatencyLine = Extract<Line, { metric: "latency" }>;
type Answer = { readonly outcome: string; readonly at: number | null };

/**
 * A canary judged at every look as if the later ones did not exist: `{id, alpha, metric: "rate", looks: [[second,
 * controlRequests, controlErrors, canaryRequests, canaryErrors]…]}` (increments) gives `{id, outcome, at}` with the
 * second of the first look that says so. "worse" ends it; "not-worse" may still turn into "worse". `metric: "latency"` has
 * `[second, controlMs, canaryMs]` in its looks, lists of the times that requests took. `metric: "values"` judges two series
 * of equal length once, at their end. `metric: "kayenta"` answers as Kayenta's judge would. What cannot be read gives
 * `{id, error}`.
 */
export function answerLine(input: unknown): object {
  const parsed = line.safeParse(input);
  if (!parsed.success) return toLabError(input, z.prettifyError(parsed.error));
  const { data } = parsed;
  switch (data.metric) {
    case "rate":
      return { id: data.id, ...judgeRate(data) };
    case "latency":
      return { id: data.id, ...judgeLatency(data) };
    case "kayenta":
      return answerKayenta(data);
    case "values":
      if (data.control.length === data.canary.length) {
        return { id: data.id, outcome: judgePairs(data.control, data.canary, data.alpha), at: null };
      }
      return toLabError(input, `control has ${data.control.length} values and canary ${data.canary.length}`);
  }
}

function judgeRate({ alpha, margin, looks, picture }: RateLine): object {
  const steps = looks.map(([second, controlTrials, controlEvents, canaryTrials, canaryEvents]) => {
    return { second, step: { controlTrials, controlEvents, canaryTrials, canaryEvents } };
  });
  const spec = { ...plainMetric, name: "errors", kind: "rate", healthyBelow: healthyRate } as const;
  const samples = steps.map(({ second, step }) => sampleOf(second, { kind: "rate", ...step }));
  const answer = judge({ ...spec, margin: margin ?? spec.margin }, alpha, samples);
  return picture === true ? { ...answer, ratio: ratioPicture(steps, "rate", alpha) } : answer;
}

function judgeLatency({ alpha, margin, looks, picture }: LatencyLine): object {
  const counted = looks.map(([second, control, canary]) => {
    return { second, control: toBuckets(control), canary: toBuckets(canary) };
  });
  const spec = { ...plainMetric, name: "latency", kind: "latency" } as const;
  const samples = counted.map(({ second, control, canary }) => sampleOf(second, { kind: "latency", control, canary }));
  const answer = judge({ ...spec, margin: margin ?? spec.margin }, alpha, samples);
  if (picture !== true) return answer;
  const shown = (arm: "control" | "canary") =>
    quantilePicture(
      counted.map((own) => ({ second: own.second, counts: own[arm] })),
      shownQuantile,
      alpha,
    ).map(({ second, from, to }) => ({
      second,
      // The lower limit is the end of the bucket before.
      lowerMs: from === null ? null : boundOfBucket(from - 1),
      upperMs: to === null ? null : boundOfBucket(to),
    }));
  return { ...answer, p95: { control: shown("control"), canary: shown("canary") } };
}

function sampleOf(second: number, reading: Sample["reading"]): Sample {
  return { second, series: "line", reading };
}

function judge(spec: MetricSpec, alpha: number, samples: readonly Sample[]): Answer {
  // A line has no clock but its own, so nothing in it is stale.
  const judgeOf = createCanaryJudge({ alpha, metrics: [spec], freshForSeconds: Number.POSITIVE_INFINITY });
  let state = judgeOf.initial;
  let notWorseAt: number | null = null;
  for (const sample of samples) {
    const { second } = sample;
    state = judgeOf.observe(state, second, [sample]);
    const { outcome } = judgeOf.verdict(state, second);
    if (outcome === "worse") return { outcome, at: second };
    notWorseAt = outcome === "not-worse" ? (notWorseAt ?? second) : null;
  }
  return notWorseAt === null ? { outcome: "not-enough", at: null } : { outcome: "not-worse", at: notWorseAt };
}
