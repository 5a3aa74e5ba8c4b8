import type { Span } from "#core/span.ts";

/**
 * A piecewise-constant function of time over `[at, horizon)` (semantics §3.3). Segments are in order, the first
 * starts at or before the start of the horizon, each lasts until the next begins and the last until the horizon ends.
 */
export type Timeline<T> = readonly [Segment<T>, ...Segment<T>[]];

export interface Segment<T> {
  readonly from: Temporal.Instant;
  readonly value: T;
}

/** The same value over the whole horizon. */
export function always<T>(from: Temporal.Instant, value: T): Timeline<T> {
  return [{ from, value }];
}

/** The value in force at an instant; an instant before the first segment is a bug of the caller. */
export function valueAt<T>(timeline: Timeline<T>, at: Temporal.Instant): T {
  let low = 0;
  let high = timeline.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const segment = timeline[middle];
    if (segment !== undefined && Temporal.Instant.compare(segment.from, at) <= 0) low = middle;
    else high = middle - 1;
  }
  const found = timeline[low];
  if (found === undefined || Temporal.Instant.compare(found.from, at) > 0) {
    throw new RangeError(`timeline starts after ${at.toString()}`);
  }
  return found.value;
}

/** The spans in which the predicate holds, in order, merged, clipped to `[first segment, horizon)`. */
export function spansWhere<T>(
  timeline: Timeline<T>,
  horizon: Temporal.Instant,
  holds: (value: T) => boolean,
): readonly Span[] {
  const spans: Span[] = [];
  let openedAt: Temporal.Instant | null = null;
  for (const segment of timeline) {
    if (holds(segment.value)) openedAt ??= segment.from;
    else if (openedAt !== null) {
      spans.push({ from: openedAt, to: segment.from });
      openedAt = null;
    }
  }
  if (openedAt !== null && Temporal.Instant.compare(openedAt, horizon) < 0) spans.push({ from: openedAt, to: horizon });
  return spans;
}
