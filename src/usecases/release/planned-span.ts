import type { Verdict } from "#core/policy/verdict.ts";
import type { Span } from "#core/span.ts";

/** Planned length of a booking, for the calendar: a canary through its usual stages. */
const assumedLength = { minutes: 30 } as const;

/**
 * Where a booking stands in the calendar: at its joint opening. Work of which no opening is known stands at the last
 * instant of the horizon it was judged over, so that nobody counts on it to arrive. A slot that was agreed on keeps its
 * end as well.
 */
export function plannedSpan(
  verdict: Verdict,
  at: Temporal.Instant,
  horizon: Temporal.Instant,
  agreed: Span | null = null,
): Span {
  const from = verdict.decision === "allow" ? at : (verdict.nextOpening ?? horizon);
  if (agreed !== null && from.equals(agreed.from)) return { from, to: agreed.to };
  return { from, to: from.add(assumedLength) };
}
