import { err, ok, type Result } from "#core/result.ts";

/** What somebody measured, whoever it was: series of points with a unit and labels (`version` among them). */
export interface MetricSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Of every point, as it is shown: `%`, `ms`, `orders/s`. */
  readonly unit: string;
  /** In the order of time, one per second at most. */
  readonly points: readonly MetricPoint[];
}

export interface MetricPoint {
  /** Epoch second at the source. */
  readonly atSecond: number;
  readonly value: number;
  /** Observations behind the value, such as requests; absent: the source does not tell, and every point counts as one. */
  readonly weight?: number;
}

export interface MetricAnswer {
  readonly series: readonly MetricSeries[];
  /** The source says of itself that it knows everything before this epoch second; null: only its points tell. */
  readonly completeUntil: number | null;
}

/** Half-open, in epoch seconds. */
export interface SecondSpan {
  readonly from: number;
  readonly until: number;
}

/** Of one answer. A question of a criterion is about one number in time; what is larger is no answer to it. */
export const metricLimits = { series: 50, points: 11_000, labels: 40, labelCharacters: 300 } as const;

/** Clocks of two machines that are kept in time differ by less. */
const clockSlackSeconds = 5;

export interface MetricTrouble {
  readonly code:
    | "too-much"
    | "not-a-number"
    | "out-of-order"
    | "duplicate-point"
    | "from-the-future"
    | "went-back"
    | "labels-changed";
  /** What is wrong with the answer, to be followed by what to do. */
  readonly sentence: string;
}

/** The answer as it came, or why nobody can build on it. `until`: the end of what was asked for, in epoch seconds. */
export function checkedAnswer(answer: MetricAnswer, until: number): Result<MetricAnswer, MetricTrouble> {
  const points = answer.series.reduce((sum, series) => sum + series.points.length, 0);
  if (answer.series.length > metricLimits.series || points > metricLimits.points) {
    const sentence = `the source sent ${answer.series.length} series with ${points} points, more than ${metricLimits.series} series or ${metricLimits.points} points`;
    return err({ code: "too-much", sentence });
  }
  for (const series of answer.series) {
    const trouble = labelTrouble(series) ?? pointTrouble(series.points, until);
    if (trouble !== null) return err(trouble);
  }
  if (answer.completeUntil !== null && answer.completeUntil > until + clockSlackSeconds) {
    const sentence = `the source claims to know what comes ${answer.completeUntil - until} s from now`;
    return err({ code: "from-the-future", sentence });
  }
  return ok(answer);
}

function labelTrouble({ labels }: MetricSeries): MetricTrouble | null {
  const entries = Object.entries(labels);
  const isLong = entries.some(([key, value]) => key.length + value.length > metricLimits.labelCharacters);
  if (entries.length <= metricLimits.labels && !isLong) return null;
  return { code: "too-much", sentence: `the source sent ${entries.length} labels on one series, or very long ones` };
}

function pointTrouble(points: readonly MetricPoint[], until: number): MetricTrouble | null {
  let before = Number.NEGATIVE_INFINITY;
  for (const { atSecond, value, weight } of points) {
    if (!Number.isFinite(atSecond) || !Number.isFinite(value) || !(weight === undefined || weight >= 0)) {
      return { code: "not-a-number", sentence: `the source sent ${value} for second ${atSecond}, which is no number` };
    }
    if (atSecond === before) {
      return { code: "duplicate-point", sentence: `the source sent two values for second ${atSecond}` };
    }
    if (atSecond < before) {
      return { code: "out-of-order", sentence: `the clock of the source jumped back to second ${atSecond}` };
    }
    before = atSecond;
  }
  if (before <= until + clockSlackSeconds) return null;
  return { code: "from-the-future", sentence: `the source sent a value of ${before - until} s from now` };
}

/** Second of the newest thing that the source knows; null when it knows nothing. */
export function newestSecond({ series, completeUntil }: MetricAnswer): number | null {
  const seconds = series.flatMap(({ points }) => points.at(-1)?.atSecond ?? []);
  if (completeUntil !== null) seconds.push(completeUntil - 1);
  return seconds.length === 0 ? null : Math.max(...seconds);
}

/** What one look left behind for the next: time and labels of a source may go on and never back. */
export interface MetricMemory {
  readonly newest: number;
  /** Of the one series that was judged, without its values. */
  readonly labels: readonly string[];
}

/** Null when the source went on from where it was. */
export function troubleSince(before: MetricMemory, newest: number, labels: readonly string[]): MetricTrouble | null {
  if (newest < before.newest) {
    const sentence = `the source knew second ${before.newest} before and ends at second ${newest} now`;
    return { code: "went-back", sentence };
  }
  if (before.labels.join(",") === labels.join(",")) return null;
  const sentence = `the labels of the series were ${sayLabels(before.labels)} and are ${sayLabels(labels)} now`;
  return { code: "labels-changed", sentence };
}

export function labelNames({ labels }: MetricSeries): readonly string[] {
  return Object.keys(labels).toSorted();
}

function sayLabels(labels: readonly string[]): string {
  return labels.length === 0 ? "none" : labels.join(", ");
}

/** How points in a span become the value that is judged. */
export const aggregates = ["mean", "max", "min", "last"] as const;
export type Aggregate = (typeof aggregates)[number];

export interface SpanValue {
  readonly value: number;
  readonly points: number;
  /** Observations behind the points where the source tells them; null where it does not. */
  readonly observations: number | null;
}

/**
 * The value of a series in a span; null when no point lies in it. The mean weighs every point by its observations, so
 * that shares of requests over many seconds are the share over all of these requests.
 */
export function valueIn(points: readonly MetricPoint[], span: SecondSpan, aggregate: Aggregate): SpanValue | null {
  const inside = points.filter(({ atSecond }) => atSecond >= span.from && atSecond < span.until);
  const last = inside.at(-1);
  if (last === undefined) return null;
  const isWeighed = inside.every(({ weight }) => weight !== undefined);
  const observations = isWeighed ? inside.reduce((sum, { weight = 0 }) => sum + weight, 0) : null;
  const counted = { points: inside.length, observations };
  const values = inside.map(({ value }) => value);
  switch (aggregate) {
    case "last":
      return { value: last.value, ...counted };
    case "max":
      return { value: Math.max(...values), ...counted };
    case "min":
      return { value: Math.min(...values), ...counted };
    case "mean":
      return { value: meanOf(inside, observations), ...counted };
  }
}

function meanOf(points: readonly MetricPoint[], observations: number | null): number {
  if (observations === null || observations === 0) {
    return points.reduce((sum, { value }) => sum + value, 0) / points.length;
  }
  return points.reduce((sum, { value, weight = 0 }) => sum + value * (weight / observations), 0);
}
