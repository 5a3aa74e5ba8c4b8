import { z } from "zod";
import type { Failure } from "#connectors/port.ts";
import { metricLimits, type MetricPoint, type MetricSeries } from "#core/criteria/series.ts";

/** Of the HTTP API of Prometheus 2: a time in seconds and a value as text, `NaN` and `+Inf` among them. */
const sample = z.tuple([z.number(), z.string()]);

/** One series more, and one point more, than are judged tells that there are too many. */
const series = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(sample).max(metricLimits.points + 1),
});

export const rangeAnswer = z.object({
  status: z.literal("success"),
  data: z.object({ resultType: z.literal("matrix"), result: z.array(series).max(1_000) }),
});

export const instantAnswer = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("vector"),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: sample })).max(1_000),
  }),
});

export const errorAnswer = z.object({ status: z.literal("error"), errorType: z.string(), error: z.string() });

/** What lies behind the newest sample that the query can have read is Prometheus repeating itself. */
export function toSeries(
  answer: z.output<typeof rangeAnswer>,
  unit: string,
  newestSecond: number,
): readonly MetricSeries[] {
  return answer.data.result.map(({ metric, values }) => ({
    labels: metric,
    unit,
    points: values.flatMap(([time, text]): MetricPoint[] => {
      const atSecond = Math.floor(time);
      return atSecond > newestSecond ? [] : [{ atSecond, value: numberOf(text) }];
    }),
  }));
}

/** Second of the newest sample of a selector; null: there is none. */
export function newestOf(answer: z.output<typeof instantAnswer>): number | null {
  const [first] = answer.data.result;
  const second = first === undefined ? Number.NaN : Math.floor(numberOf(first.value[1]));
  return Number.isFinite(second) ? second : null;
}

function numberOf(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}

/** What a status means for another attempt. 400 and 422: the query; 503 and its like pass. */
export function toFailure(status: number, body: unknown): Failure {
  const told = errorAnswer.safeParse(body);
  const why = told.success ? `: ${told.data.error.slice(0, 300)}` : "";
  if (status === 400 || (status === 422 && told.data?.errorType === "bad_data")) {
    return { code: "bad-query", message: `Prometheus refuses the query${why}. Mend the criterion.`, retry: "never" };
  }
  const isLater = status === 429 || status === 408 || status === 422 || status >= 500;
  const more = isLater ? "It will be asked again." : "Check its address and the token.";
  return {
    code: isLater ? "busy" : "refused",
    message: `Prometheus answered ${status}${why}. ${more}`,
    retry: isLater ? "later" : "never",
  };
}
