import type { MetricAnswer, MetricPoint, MetricSeries, SecondSpan } from "#core/criteria/series.ts";
import { p95Of, type SecondOfArm } from "#core/rollout/arms.ts";

/** What can be asked of the proxy at the target: of one version, and with `total-` of everything that goes through it. */
export const ownQueries = [
  "errors-percent",
  "requests-per-second",
  "p95-ms",
  "total-errors-percent",
  "total-requests-per-second",
] as const;
export type OwnQuery = (typeof ownQueries)[number];

export function isOwnQuery(query: unknown): query is OwnQuery {
  return ownQueries.some((one) => one === query);
}

/** Counts of versions, second by second, as a proxy keeps them. */
export interface OwnCounts {
  readonly seconds: readonly (SecondOfArm & { readonly version: string })[];
  readonly completeBefore: number;
}

/**
 * The counts as series with the label `version`, one point per second, weighed by its requests. A second without
 * requests has no share of errors and no latency; for the rate of requests it is a zero once the version was seen.
 */
export function countersAsSeries(
  counts: OwnCounts,
  query: OwnQuery,
  asked: { readonly span: SecondSpan; readonly unit: string; readonly boundsMs: readonly number[] },
): MetricAnswer {
  const { span, unit, boundsMs } = asked;
  const until = Math.min(span.until, counts.completeBefore);
  const inside = counts.seconds.filter(({ second }) => second >= span.from && second < until);
  const isTotal = query.startsWith("total-");
  const byLabel = Map.groupBy(inside, ({ version }) => (isTotal ? "" : version));
  const series = [...byLabel].map(([version, seconds]): MetricSeries => {
    const labels: Readonly<Record<string, string>> = isTotal ? {} : { version };
    const bySecond = Map.groupBy(seconds, ({ second }) => second);
    const points = [...bySecond]
      .toSorted(([a], [b]) => a - b)
      .map(([second, arms]) => pointOf(query, second, arms, boundsMs));
    const known = points.flatMap((point) => point ?? []);
    return { labels, unit, points: query.endsWith("requests-per-second") ? filled(known, until) : known };
  });
  return { series, completeUntil: until };
}

function pointOf(
  query: OwnQuery,
  second: number,
  arms: readonly SecondOfArm[],
  boundsMs: readonly number[],
): MetricPoint | null {
  const requests = arms.reduce((sum, arm) => sum + arm.requests, 0);
  if (query.endsWith("requests-per-second")) return { atSecond: second, value: requests };
  if (requests === 0) return null;
  if (query.endsWith("errors-percent")) {
    const errors = arms.reduce((sum, arm) => sum + arm.errors, 0);
    return { atSecond: second, value: (100 * errors) / requests, weight: requests };
  }
  const [arm] = arms;
  const p95 = arm === undefined ? null : p95Of(arm, boundsMs);
  return p95 === null ? null : { atSecond: second, value: p95, weight: requests };
}

/** Zeros for the seconds in which nobody came, from the first one with anybody on. */
function filled(points: readonly MetricPoint[], until: number): readonly MetricPoint[] {
  const [first] = points;
  if (first === undefined) return [];
  const known = new Map(points.map((point) => [point.atSecond, point]));
  return Array.from({ length: Math.max(0, until - first.atSecond) }, (_, index) => {
    const atSecond = first.atSecond + index;
    return known.get(atSecond) ?? { atSecond, value: 0 };
  });
}
