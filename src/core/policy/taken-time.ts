import { appendSpan, msOf, msOfEnd, type SpanSet } from "#core/calendar/span-set.ts";
import type { Span } from "#core/span.ts";

const always: SpanSet = { borders: [-8.64e15, 8.64e15] };

/**
 * The starts, in epoch ms, from which a run of `runMs` would meet an instant at which `max` or more of the uses go on at
 * once: from there on no place is free for it. Uses are taken in whole ms, longer rather than shorter.
 */
export function startsWithoutPlace(uses: readonly Span[], max: number, runMs: number): SpanSet {
  if (max < 1) return always;
  const hit: number[] = [];
  const { borders: taken } = takenTime(uses, max);
  // A run that ends at the very instant at which the places are taken does not meet it.
  const before = Math.max(0, Math.ceil(runMs) - 1);
  for (let i = 0; i + 1 < taken.length; i += 2) appendSpan(hit, (taken[i] ?? 0) - before, taken[i + 1] ?? 0);
  return { borders: hit };
}

/** When at least `max` of the uses go on at once. */
function takenTime(uses: readonly Span[], max: number): SpanSet {
  const begins = Float64Array.from(uses, ({ from }) => msOf(from)).sort();
  const ends = Float64Array.from(uses, ({ to }) => msOfEnd(to)).sort();
  const taken: number[] = [];
  let going = 0;
  let since = 0;
  for (let b = 0, e = 0; e < ends.length;) {
    const begin = begins[b] ?? Number.POSITIVE_INFINITY;
    const end = ends[e] ?? 0;
    // What ends as another begins makes its place free for it.
    if (end <= begin) {
      if (going === max) appendSpan(taken, since, end);
      going--;
      e++;
    } else {
      going++;
      b++;
      if (going === max) since = begin;
    }
  }
  return { borders: taken };
}
