import type { Verdict } from "#core/policy/verdict.ts";
import { isBefore, type Span } from "#core/span.ts";

/** Planned length of a booking, for the calendar: a canary through its usual stages. */
const assumedLength = { minutes: 30 } as const;

/**
 * Work without a known opening stands at the end of what was looked at, and keeps its place for so long: that end moves
 * on with every look, and a booking that moves is a fact about its neighbours, who would all be judged again.
 */
const keepsPlaceWithin = { hours: 24 } as const;

export interface PlannedFrom {
  readonly at: Temporal.Instant;
  /** End of what was looked at. */
  readonly horizon: Temporal.Instant;
  /** The slot that was agreed on for it. */
  readonly agreed: Span | null;
  /** Where it stands; null: nowhere yet. */
  readonly before: Span | null;
}

/**
 * Where a booking stands in the calendar: at its joint opening. Work of which no opening is known stands at the last
 * instant of the horizon it was judged over, give or take a day, so that nobody counts on it to arrive. A slot that was
 * agreed on keeps its end as well.
 */
export function plannedSpan(verdict: Verdict, { at, horizon, agreed, before }: PlannedFrom): Span {
  const opening = verdict.decision === "allow" ? at : verdict.nextOpening;
  if (opening === null && before !== null && !isBefore(before.from, horizon.subtract(keepsPlaceWithin))) return before;
  const from = opening ?? horizon;
  if (agreed !== null && from.equals(agreed.from)) return { from, to: agreed.to };
  return { from, to: from.add(assumedLength) };
}
