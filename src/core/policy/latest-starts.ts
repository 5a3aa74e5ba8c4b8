import { msOfEnd, type SpanSet } from "#core/calendar/span-set.ts";

/**
 * The last starts of each opening: from there on what is left is shorter than needed. An opening that reaches the
 * horizon is taken to go on.
 */
export function latestStarts(open: SpanSet, neededMs: number, horizon: Temporal.Instant): SpanSet {
  const horizonMs = msOfEnd(horizon);
  let length = 0;
  for (let i = 0; i + 1 < open.borders.length; i += 2) {
    const from = open.borders[i] ?? 0;
    const to = open.borders[i + 1] ?? 0;
    const tooLateFrom = Math.max(to - Math.ceil(neededMs) + 1, from);
    if (to >= horizonMs || tooLateFrom >= to) continue;
    draft[length++] = tooLateFrom;
    draft[length++] = to;
  }
  return { borders: draft.slice(0, length) };
}

/** Where borders are written before it is known how many they are; nothing is read that the same call did not write. */
const draft: number[] = [];
