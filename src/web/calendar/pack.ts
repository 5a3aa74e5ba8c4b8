import type { Span } from "#core/span.ts";

/** An item and the track that it lies on, from 0. */
export interface Packed<T> {
  readonly item: T;
  readonly track: number;
}

export interface Packing<T> {
  readonly items: readonly Packed<T>[];
  readonly tracks: number;
}

/**
 * Puts spans on as few tracks as possible so that none covers another: in order of their start, each on the first track
 * that is free. For intervals this greedy way needs no more tracks than the most that overlap at one instant.
 * `leastMs`: a short span is treated as this long, so that its label has room.
 */
export function packed<T>(items: readonly T[], spanOf: (item: T) => Span, leastMs = 0): Packing<T> {
  const sorted = items
    .map((item) => ({ item, span: spanOf(item) }))
    .toSorted((a, b) => a.span.from.epochMilliseconds - b.span.from.epochMilliseconds);
  const ends: number[] = [];
  const placed: Packed<T>[] = [];
  for (const { item, span } of sorted) {
    const from = span.from.epochMilliseconds;
    const to = Math.max(span.to.epochMilliseconds, from + leastMs);
    const free = ends.findIndex((end) => end <= from);
    const track = free === -1 ? ends.length : free;
    ends[track] = to;
    placed.push({ item, track });
  }
  return { items: placed, tracks: ends.length };
}
