import { spansIn, type SpanSet } from "#core/calendar/span-set.ts";

/**
 * The last starts of each opening: from there on what is left is shorter than needed. An opening that reaches the
 * horizon is taken to go on.
 */
export function latestStarts(open: SpanSet, neededMs: number, horizon: Temporal.Instant): SpanSet {
  const borders: number[] = [];
  for (const { from, to } of spansIn(open)) {
    const reachesHorizon = Temporal.Instant.compare(to, horizon) >= 0;
    const tooLateFrom = Math.max(to.epochMilliseconds - Math.ceil(neededMs) + 1, from.epochMilliseconds);
    if (!reachesHorizon && tooLateFrom < to.epochMilliseconds) borders.push(tooLateFrom, to.epochMilliseconds);
  }
  return { borders };
}
