import type { PointKind } from "#core/criteria/otlp.ts";
import type { MetricAnswer, MetricPoint, MetricSeries, SecondSpan } from "#core/criteria/series.ts";
import { err, ok, type Result } from "#core/result.ts";

/** What is asked for: `orders.created` or `orders.created{version="5.1.0",region="emea"}`. */
export interface Selector {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

const selectorShape = /^([A-Za-z_][\w.:/-]{0,199})(?:\{(.*)\})?$/;
const labelShape = /^\s*([A-Za-z_][\w.]*)\s*=\s*"((?:[^"\\]|\\["\\])*)"\s*(?:,|$)/;

/** The selector, or what is wrong with it. */
export function parseSelector(text: string): Result<Selector, string> {
  const found = selectorShape.exec(text.trim());
  if (found === null) return err(`"${text.slice(0, 100)}" is no name of a metric, with labels in braces`);
  const labels = new Map<string, string>();
  let rest = found[2] ?? "";
  while (rest.trim() !== "") {
    const label = labelShape.exec(rest);
    if (label === null) return err(`"${rest.slice(0, 100)}" is no list of labels such as region="emea"`);
    labels.set(label[1] ?? "", (label[2] ?? "").replaceAll(/\\(["\\])/g, "$1"));
    rest = rest.slice(label[0].length);
  }
  return ok({ metric: found[1] ?? "", labels: Object.fromEntries(labels) });
}

export interface ReceivedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: PointKind;
  /** In the order of time. */
  readonly points: readonly MetricPoint[];
}

/** Points before the span that a rate of its first second needs: the slowest exporters send every minute or two. */
export const leadSeconds = 180;

/**
 * One series of all that match: instances of a service are summed up (counters and rates) or averaged (gauges). It has the
 * label `version` when the selector names one. Null as `completeUntil`: nobody says what has not arrived.
 */
export function joinReceived(
  all: readonly ReceivedSeries[],
  { labels }: Selector,
  asked: { readonly span: SecondSpan; readonly stepSeconds: number; readonly unit: string },
): MetricAnswer {
  const { span, stepSeconds, unit } = asked;
  const wanted = Object.entries(labels);
  const matching = all.filter((one) => wanted.every(([key, value]) => one.labels[key] === value));
  const parts = matching.map(({ kind, points }) => ({ kind, points: kind === "counter" ? ratesOf(points) : points }));
  const version = labels["version"];
  const own: Readonly<Record<string, string>> = version === undefined ? {} : { version };
  const [first, second] = parts;
  if (first === undefined) return { series: [], completeUntil: null };
  const joined = second === undefined ? first.points : sampled(parts, span, stepSeconds);
  const points = joined.filter(({ atSecond }) => atSecond >= span.from && atSecond < span.until);
  const series: MetricSeries = { labels: own, unit, points };
  return { series: points.length === 0 ? [] : [series], completeUntil: null };
}

/** Increase per second since the point before; what starts anew counts from zero. */
export function ratesOf(points: readonly MetricPoint[]): readonly MetricPoint[] {
  return points.slice(1).map(({ atSecond, value }, index) => {
    const before = points[index] ?? { atSecond, value };
    const risen = value >= before.value ? value - before.value : value;
    return { atSecond, value: risen / (atSecond - before.atSecond) };
  });
}

type Part = Pick<ReceivedSeries, "kind" | "points">;

/** An instance counts for so many of its own intervals behind its latest point; then it is taken for gone. */
const heldIntervals = 2.5;

function sampled(parts: readonly Part[], span: SecondSpan, stepSeconds: number): readonly MetricPoint[] {
  const newest = Math.max(...parts.map(({ points }) => points.at(-1)?.atSecond ?? 0));
  const until = Math.min(span.until, newest + 1);
  const count = Math.max(0, Math.ceil((until - span.from) / stepSeconds));
  const held = parts.map((part) => ({ part, forSeconds: heldIntervals * intervalOf(part.points, stepSeconds) }));
  return Array.from({ length: count }, (_, index) => span.from + index * stepSeconds).flatMap((atSecond) => {
    const values = held.flatMap(({ part, forSeconds }) => {
      const last = part.points.findLast((point) => point.atSecond <= atSecond);
      return last !== undefined && atSecond - last.atSecond <= forSeconds ? [last.value] : [];
    });
    if (values.length === 0) return [];
    const sum = values.reduce((a, b) => a + b, 0);
    return [{ atSecond, value: parts[0]?.kind === "gauge" ? sum / values.length : sum }];
  });
}

function intervalOf(points: readonly MetricPoint[], atLeast: number): number {
  const gaps = points.slice(1).map(({ atSecond }, index) => atSecond - (points[index]?.atSecond ?? atSecond));
  const sorted = gaps.toSorted((a, b) => a - b);
  return Math.max(atLeast, sorted[Math.floor(sorted.length / 2)] ?? atLeast);
}
