import { latencyBoundsMs, type SecondOfTraffic } from "#connectors/port.ts";

/** How a version behaves under live traffic. */
export interface Behaviour {
  /** Share of requests that fail, 0 to 1. */
  readonly errorRate: number;
  /** Half of the requests are faster than about this. */
  readonly medianMs: number;
}

export const wellBehaved: Behaviour = { errorRate: 0.002, medianMs: 20 };

/** Shares of requests in the bucket of the median and the buckets around it: two below to three above. */
const shape = [
  [-2, 0.15],
  [-1, 0.25],
  [0, 0.35],
  [1, 0.15],
  [2, 0.07],
  [3, 0.03],
] as const;

/**
 * The counts of one version in one second. There is no chance in it: a fraction of a request is carried over to the next
 * second, so over any stretch of time the totals are within one of the exact shares.
 */
export function countSecond(second: number, version: string, perSecond: number, behaviour: Behaviour): SecondOfTraffic {
  const countTo = (share: number) => Math.floor((second + 1) * share) - Math.floor(second * share);
  const requests = countTo(perSecond);
  const errors = Math.min(requests, countTo(perSecond * behaviour.errorRate));
  return { second, version, requests, errors, latency: spread(requests, behaviour.medianMs, second) };
}

function spread(requests: number, medianMs: number, second: number): readonly number[] {
  const buckets = Array.from({ length: latencyBoundsMs.length + 1 }, () => 0);
  const found = latencyBoundsMs.findIndex((bound) => medianMs <= bound);
  const middle = found === -1 ? latencyBoundsMs.length : found;
  for (let nth = 0; nth < requests; nth += 1) {
    // The golden ratio steps through [0, 1) evenly without repeating itself.
    let rest = ((second * 31 + nth + 1) * 0.618_033_988_75) % 1;
    const offset = shape.find(([, share]) => (rest -= share) < 0)?.[0] ?? 0;
    const bucket = Math.min(Math.max(middle + offset, 0), latencyBoundsMs.length);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  return buckets;
}
