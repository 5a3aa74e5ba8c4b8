import type { z } from "zod";
import { readBounded } from "#connectors/bounded-body.ts";
import type { Failure, MetricQuestion, MetricSource } from "#connectors/port.ts";
import { selectorsOf } from "#connectors/prometheus/selectors.ts";
import { prometheusConnection, type PrometheusConnectionInput } from "#connectors/prometheus/settings.ts";
import { instantAnswer, newestOf, rangeAnswer, toFailure, toSeries } from "#connectors/prometheus/translate.ts";
import type { MetricAnswer } from "#core/criteria/series.ts";
import { err, ok, type Result } from "#core/result.ts";

/** 11,000 points with their times are half a megabyte. */
const maxAnswerBytes = 2 * 1024 * 1024;

type Ask = <T>(
  path: string,
  fields: Readonly<Record<string, string>>,
  shape: z.ZodType<T>,
) => Promise<Result<T, Failure>>;

/** Reads series of a Prometheus by its HTTP API. Throws if the settings are not valid. */
export function prometheusSource(input: PrometheusConnectionInput): MetricSource {
  const { url, token, answerWithinMs } = prometheusConnection.parse(input);
  const base = url.replace(/\/+$/, "");
  const { host } = new URL(url);
  const ask: Ask = async (path, fields, shape) => {
    try {
      const response = await fetch(`${base}/api/v1/${path}`, {
        method: "POST",
        redirect: "error",
        signal: AbortSignal.timeout(answerWithinMs),
        headers: {
          accept: "application/json",
          "user-agent": "tidegate",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: new URLSearchParams({ ...fields, timeout: `${answerWithinMs}ms` }),
      });
      const body = await readBounded(response, maxAnswerBytes);
      if (!response.ok) return err(toFailure(response.status, body));
      const parsed = shape.safeParse(body);
      const message = `The answer of ${host} is none of Prometheus, or larger than ${maxAnswerBytes} bytes; it will be asked again.`;
      return parsed.success ? ok(parsed.data) : err({ code: "bad-answer", message, retry: "later" });
    } catch {
      const message = `${host} did not answer within ${answerWithinMs / 1000} s, or cannot be reached; it will be asked again.`;
      return err({ code: "unreachable", message, retry: "later" });
    }
  };
  return { id: "prometheus", read: (question) => read(ask, question) };
}

/** Series and their true age, at the same time. The end of a span is open; Prometheus includes its own. */
async function read(
  ask: Ask,
  { query, span, stepSeconds, unit }: MetricQuestion,
): Promise<Result<MetricAnswer, Failure>> {
  const last = span.until - 1;
  if (last < span.from) return ok({ series: [], completeUntil: null });
  const first = span.from + ((last - span.from) % stepSeconds);
  const times = { start: String(first), end: String(last), step: String(stepSeconds) };
  const [range, ...ages] = await Promise.all([
    ask("query_range", { query, ...times }, rangeAnswer),
    ...selectorsOf(query).map((selector) =>
      ask("query", { query: `max(timestamp(${selector}))`, time: String(last) }, instantAnswer),
    ),
  ]);
  if (!range.ok) return range;
  const newest: number[] = [];
  for (const age of ages) {
    if (!age.ok) return age;
    const second = newestOf(age.value);
    if (second === null) return ok({ series: [], completeUntil: null });
    newest.push(second);
  }
  // The oldest of what a query reads is as old as its result; a query of constants alone has no age.
  const end = newest.length === 0 ? last : Math.min(...newest);
  return ok({ series: toSeries(range.value, unit, end), completeUntil: end + 1 });
}
