/** A half-open span of time `[from, to)` between two instants; `from` is strictly before `to`. */
export interface Span {
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
}

/** True from the first instant of the span up to, but not at, its end. */
export function contains(span: Span, at: Temporal.Instant): boolean {
  return Temporal.Instant.compare(span.from, at) <= 0 && Temporal.Instant.compare(at, span.to) < 0;
}

export function isBefore(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) < 0;
}

/** Elapsed time of the span; never negative. */
export function lengthOf(span: Span): Temporal.Duration {
  return span.from.until(span.to);
}
