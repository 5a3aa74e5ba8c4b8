import type { Verdict } from "#core/policy/verdict.ts";
import { contains, isBefore, lengthOf, type Span } from "#core/span.ts";

/** Why a booking should move: it is blocked now, it had better go earlier, or what had moved it is gone. */
export const reflowKinds = ["blocked", "pull-forward", "restore"] as const;
export type ReflowKind = (typeof reflowKinds)[number];

/** True when both have an instant in common. */
export function overlaps(a: Span, b: Span): boolean {
  return isBefore(a.from, b.to) && isBefore(b.from, a.to);
}

/** True when the whole span lies in one joint opening of the verdict. */
export function isLegal(verdict: Pick<Verdict, "openings">, slot: Span): boolean {
  return verdict.openings.some(
    (opening) => contains(opening, slot.from) && Temporal.Instant.compare(slot.to, opening.to) <= 0,
  );
}

/**
 * The first slot of the same length, at or after `from`, that lies in a joint opening; null when the verdict's horizon
 * holds none. It ends at the latest where the opening ends.
 */
export function firstSlot(
  verdict: Pick<Verdict, "openings">,
  length: Temporal.Duration,
  from: Temporal.Instant,
): Span | null {
  for (const opening of verdict.openings) {
    const start = isBefore(opening.from, from) ? from : opening.from;
    const slot = { from: start, to: start.add(length) };
    if (Temporal.Instant.compare(slot.to, opening.to) <= 0) return slot;
  }
  return null;
}

/** Where a blocked booking could go instead: not before its old place, and just as long. */
export function slotInstead(verdict: Pick<Verdict, "openings">, old: Span): Span | null {
  return firstSlot(verdict, lengthOf(old), old.from);
}

/** An earlier place for a booking, from now on; null when it stands at the first legal one already. */
export function slotBefore(verdict: Pick<Verdict, "openings" | "at">, old: Span): Span | null {
  const earlier = firstSlot(verdict, lengthOf(old), verdict.at);
  return earlier !== null && isBefore(earlier.from, old.from) ? earlier : null;
}
