import type { Span } from "#core/span.ts";

/**
 * An immutable set of instants as sorted, disjoint, half-open spans that do not touch. Inside it is one list of borders
 * in epoch ms: at even places it opens, at odd places it closes. Set algebra is one pass over both lists.
 */
export interface SpanSet {
  readonly borders: readonly number[];
}

export const emptySet: SpanSet = { borders: [] };

/** A set of one span; empty when `toMs` is not after `fromMs`. */
export function oneSpan(fromMs: number, toMs: number): SpanSet {
  return toMs > fromMs ? { borders: [fromMs, toMs] } : emptySet;
}

/** The set of spans given in any order, overlapping or not. */
export function setOfSpans(spans: readonly Span[]): SpanSet {
  const pairs = spans.map((span) => [msOf(span.from), msOfEnd(span.to)] as const).sort((a, b) => a[0] - b[0]);
  const borders: number[] = [];
  for (const [from, to] of pairs) appendSpan(borders, from, to);
  return { borders };
}

/** Appends a span whose start is not before that of the last one; touching and overlapping spans become one. */
export function appendSpan(borders: number[], fromMs: number, toMs: number): void {
  if (toMs <= fromMs) return;
  const end = borders.at(-1);
  if (end === undefined || fromMs > end) borders.push(fromMs, toMs);
  else if (toMs > end) borders[borders.length - 1] = toMs;
}

export function isEmpty(set: SpanSet): boolean {
  return set.borders.length === 0;
}

/** The spans of the set as instants, in order. */
export function spansIn(set: SpanSet): readonly Span[] {
  const spans: Span[] = [];
  for (let i = 0; i + 1 < set.borders.length; i += 2) {
    spans.push({ from: instantOf(set.borders[i] ?? 0), to: instantOf(set.borders[i + 1] ?? 0) });
  }
  return spans;
}

export function union(a: SpanSet, b: SpanSet): SpanSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  return combine(a, b, inEither);
}

/** The union of many sets, by halves, so that every border is copied only as often as there are halvings. */
export function unionOf(sets: readonly SpanSet[]): SpanSet {
  if (sets.length <= 1) return sets[0] ?? emptySet;
  const middle = sets.length >> 1;
  return union(unionOf(sets.slice(0, middle)), unionOf(sets.slice(middle)));
}

export function intersection(a: SpanSet, b: SpanSet): SpanSet {
  return combine(a, b, inBoth);
}

/**
 * What is in `a` and not in `b`. Not by `combine`: spans of `b` that meet nothing of `a` are passed with one comparison
 * each, and where many freezes meet few windows these are most of them.
 */
export function difference(a: SpanSet, b: SpanSet): SpanSet {
  if (isEmpty(a) || isEmpty(b)) return a;
  const [left, right] = [a.borders, b.borders];
  let [j, length] = [0, 0];
  let until = borderOr(right, 1);
  for (let i = 0; i < left.length; i += 2) {
    let from = borderOr(left, i);
    const to = borderOr(left, i + 1);
    while (until <= from) {
      j += 2;
      until = borderOr(right, j + 1);
    }
    let without = borderOr(right, j);
    while (without < to) {
      if (without > from) {
        draft[length++] = from;
        draft[length++] = without;
      }
      from = until;
      if (from >= to) break;
      j += 2;
      without = borderOr(right, j);
      until = borderOr(right, j + 1);
    }
    if (from < to) {
      draft[length++] = from;
      draft[length++] = to;
    }
  }
  return { borders: draft.slice(0, length) };
}

/** What of `within` is not in the set. */
export function complement(set: SpanSet, within: Span): SpanSet {
  return difference(setOfSpans([within]), set);
}

/** The part of the set that lies in `[fromMs, toMs)`. */
export function clip(set: SpanSet, fromMs: number, toMs: number): SpanSet {
  return intersection(set, oneSpan(fromMs, toMs));
}

/** Which of "in neither", "in a only", "in b only", "in both" belong to the answer, as bits 0 to 3. */
const inEither = 0b1110;
const inBoth = 0b1000;

/**
 * Where an answer is written before its length is known. A list that grows by itself leaves twice its size behind, and
 * over a fleet the collector then took longer than the merging. Nothing is read from it that the same call did not write.
 */
const draft: number[] = [];

/** One pass over both lists. Numbers and bits only, no callback: a fleet's calendar passes here million-fold. */
function combine(a: SpanSet, b: SpanSet, answer: number): SpanSet {
  const [left, right] = [a.borders, b.borders];
  let [i, j, length] = [0, 0, 0];
  let nextLeft = borderOr(left, i);
  let nextRight = borderOr(right, j);
  while (i < left.length || j < right.length) {
    const at = nextLeft < nextRight ? nextLeft : nextRight;
    if (nextLeft === at) nextLeft = borderOr(left, ++i);
    if (nextRight === at) nextRight = borderOr(right, ++j);
    const place = (i & 1) | ((j & 1) << 1);
    if (((answer >> place) & 1) !== (length & 1)) draft[length++] = at;
  }
  return { borders: draft.slice(0, length) };
}

function borderOr(borders: readonly number[], index: number): number {
  return index < borders.length ? (borders[index] ?? 0) : Number.POSITIVE_INFINITY;
}

/** How many borders lie at or before the ms; odd means that it is inside. */
function bordersUpTo(set: SpanSet, ms: number): number {
  const { borders } = set;
  let low = 0;
  let high = borders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((borders[middle] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function isIn(set: SpanSet, at: Temporal.Instant): boolean {
  return isMsIn(set, at.epochMilliseconds);
}

export function isMsIn(set: SpanSet, ms: number): boolean {
  return (bordersUpTo(set, ms) & 1) === 1;
}

/** True when the set has a border, of either sort, at exactly this ms. */
export function borderAt(set: SpanSet, ms: number): "begins" | "ends" | null {
  const index = bordersUpTo(set, ms) - 1;
  if (index < 0 || set.borders[index] !== ms) return null;
  return (index & 1) === 0 ? "begins" : "ends";
}

/** The span in which `at` lies, or else the next one; null when there is none. The start may lie before `at`. */
export function nextOpening(set: SpanSet, at: Temporal.Instant): Span | null {
  const index = bordersUpTo(set, at.epochMilliseconds);
  return spanAt(set, index - (index & 1));
}

/** The last span that begins at or before `at`; null when there is none. */
export function previousOpening(set: SpanSet, at: Temporal.Instant): Span | null {
  const index = bordersUpTo(set, at.epochMilliseconds);
  return spanAt(set, index - 2 + (index & 1));
}

function spanAt(set: SpanSet, index: number): Span | null {
  const from = set.borders[index];
  const to = set.borders[index + 1];
  return from === undefined || to === undefined ? null : { from: instantOf(from), to: instantOf(to) };
}

/** The first instant at or after `from` at which `lengthMs` fit before the set closes; null when they never do. */
export function firstFit(set: SpanSet, from: Temporal.Instant, lengthMs: number): Temporal.Instant | null {
  const fromMs = msOfEnd(from);
  const index = bordersUpTo(set, from.epochMilliseconds);
  for (let i = index - (index & 1); i + 1 < set.borders.length; i += 2) {
    const startMs = Math.max(set.borders[i] ?? 0, fromMs);
    const endMs = set.borders[i + 1] ?? 0;
    if (startMs < endMs && startMs + lengthMs <= endMs) return startMs === fromMs ? from : instantOf(startMs);
  }
  return null;
}

/** Total length of the set in ms. */
export function totalMs(set: SpanSet): number {
  let total = 0;
  for (let i = 0; i + 1 < set.borders.length; i += 2) total += (set.borders[i + 1] ?? 0) - (set.borders[i] ?? 0);
  return total;
}

/** Epoch ms of an instant that begins something: parts of a ms are dropped, so the span never begins late. */
export function msOf(at: Temporal.Instant): number {
  return at.epochMilliseconds;
}

/** Epoch ms of an instant that ends something: rounded up, so the span never ends early. */
export function msOfEnd(at: Temporal.Instant): number {
  return at.epochNanoseconds % 1_000_000n === 0n ? at.epochMilliseconds : at.epochMilliseconds + 1;
}

export function instantOf(epochMs: number): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(epochMs);
}
