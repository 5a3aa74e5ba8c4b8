import { msOfEnd, type SpanSet } from "#core/calendar/span-set.ts";

/**
 * The last starts of each opening: from there on what is left is shorter than needed. An opening that reaches the
 * horizon is taken to go on.
 */
export function latestStarts(open: SpanSet, neededMs: number, horizon: Temporal.Instant): SpanSet {
  const horizonMs = msOfEnd(horizon);
  const borders: number[] = [];
  for (let i = 0; i + 1 < open.borders.length; i += 2) {
    const from = open.borders[i] ?? 0;
    const to = open.borders[i + 1] ?? 0;
    const tooLateFrom = Math.max(to - Math.ceil(neededMs) + 1, from);
    if (to < horizonMs && tooLateFrom < to) borders.push(tooLateFrom, to);
  }
  return { borders };
}
