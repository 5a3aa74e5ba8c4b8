/** A half-open span of time `[from, to)` between two instants; `from` is strictly before `to`. */
export interface Span {
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
}

/** True from the first instant of the span up to, but not at, its end. */
export function contains(span: Span, at: Temporal.Instant): boolean {
  return !isBefore(at, span.from) && isBefore(at, span.to);
}

/**
 * Negative, zero or positive: as `Temporal.Instant.compare`, which takes some thirty times as long. Verdicts compare
 * thousands of instants.
 */
export function compareInstants(a: Temporal.Instant, b: Temporal.Instant): number {
  const ms = a.epochMilliseconds - b.epochMilliseconds;
  return ms === 0 ? Number(a.epochNanoseconds - b.epochNanoseconds) : ms;
}

export function isBefore(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return compareInstants(a, b) < 0;
}

export function isSameSpan(a: Span, b: Span): boolean {
  return compareInstants(a.from, b.from) === 0 && compareInstants(a.to, b.to) === 0;
}

/** Elapsed time of the span; never negative. */
export function lengthOf(span: Span): Temporal.Duration {
  return span.from.until(span.to);
}
