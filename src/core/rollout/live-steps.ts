import { valueIn, type MetricSeries } from "#core/criteria/series.ts";
import type { Steps, Trigger } from "#core/rollout/triggers.ts";

const minute = 60;

/**
 * The minutes that end at `until`, the newest last, none of them begun before the version was live: each is the mean over
 * its requests, and null when it had too few of them. Sliding minutes, so that a breach of three minutes is one the
 * moment it has lasted three, wherever the clock stands; a short spike lies in two of them at most.
 */
export function minutesOf(
  series: MetricSeries | null,
  { of, minRequests }: Pick<Trigger, "of" | "minRequests">,
  { liveSecond, until }: { readonly liveSecond: number; readonly until: number },
): Steps {
  const steps: (number | null)[] = [];
  for (let back = of; back >= 1; back--) {
    const span = { from: until - back * minute, until: until - (back - 1) * minute };
    if (span.from < liveSecond) continue;
    const value = series === null ? null : valueIn(series.points, span, "mean");
    const isTelling = value !== null && (value.observations ?? value.points) >= Math.max(1, minRequests);
    steps.push(isTelling ? value.value : null);
  }
  return steps;
}
