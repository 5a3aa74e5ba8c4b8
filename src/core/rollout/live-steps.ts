import { valueIn, type MetricSeries, type SecondSpan } from "#core/criteria/series.ts";
import { p95Of, type SecondOfArm } from "#core/rollout/arms.ts";
import type { ArmCounts } from "#core/rollout/stages.ts";
import type { Steps, Trigger } from "#core/rollout/triggers.ts";

const minute = 60;

/** What the minutes are of. */
interface LiveSpan {
  readonly liveSecond: number;
  readonly until: number;
}

/**
 * The minutes that end at `until`, the newest last, none of them begun before the version was live: each is the mean over
 * its requests, and null when it had too few of them. Sliding minutes, so that a breach of three minutes is one the
 * moment it has lasted three, wherever the clock stands; a short spike lies in two of them at most.
 */
export function minutesOf(
  series: MetricSeries | null,
  { of, minRequests }: Pick<Trigger, "of" | "minRequests">,
  live: LiveSpan,
): Steps {
  return minuteSpans(of, live).map((span) => {
    const value = series === null ? null : valueIn(series.points, span, "mean");
    const isTelling = value !== null && (value.observations ?? value.points) >= Math.max(1, minRequests);
    return isTelling ? value.value : null;
  });
}

/** The same for the 95th percentile of all requests of a minute, which no mean over its seconds tells. */
export function latencyMinutesOf(
  counts: { readonly seconds: readonly SecondOfArm[]; readonly boundsMs: readonly number[] },
  { of, minRequests }: Pick<Trigger, "of" | "minRequests">,
  live: LiveSpan,
): Steps {
  return minuteSpans(of, live).map((span) => {
    const sum = sumOf(counts.seconds.filter(({ second }) => second >= span.from && second < span.until));
    return sum.requests >= Math.max(1, minRequests) ? p95Of(sum, counts.boundsMs) : null;
  });
}

function minuteSpans(of: number, { liveSecond, until }: LiveSpan): readonly SecondSpan[] {
  const spans = Array.from({ length: of }, (_, index) => ({
    from: until - (of - index) * minute,
    until: until - (of - index - 1) * minute,
  }));
  return spans.filter(({ from }) => from >= liveSecond);
}

function sumOf(all: readonly ArmCounts[]): ArmCounts {
  const latency: number[] = [];
  let [requests, errors] = [0, 0];
  for (const counts of all) {
    requests += counts.requests;
    errors += counts.errors;
    for (const [bucket, count] of counts.latency.entries()) latency[bucket] = (latency[bucket] ?? 0) + count;
  }
  return { requests, errors, latency };
}
