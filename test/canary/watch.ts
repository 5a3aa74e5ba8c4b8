import { harmNow, observeMetric, plainMetric, startMetric, type MetricSpec } from "#core/canary/metric.ts";
import { readingsOf, type StreamKind, type World } from "#test/canary/simulate.ts";

/** A metric with nothing special about it, for a kind of stream. */
export function specFor(kind: StreamKind): MetricSpec {
  const isLatency = kind === "heavy tail" || kind === "ties";
  return { ...plainMetric, name: kind, kind: isLatency ? "latency" : kind === "burst" ? "rate" : kind };
}

/** Second of the first look at which the metric alone is proven worse at `alpha`; null when none is. */
export function firstAlarm(kind: StreamKind, seed: number, world: World, alpha: number): number | null {
  const spec = specFor(kind);
  let state = startMetric(spec);
  let second = 0;
  for (const reading of readingsOf(kind, seed, world)) {
    state = observeMetric(spec, state, reading);
    if (harmNow(spec, state) >= 1 / alpha) return second;
    second++;
  }
  return null;
}
