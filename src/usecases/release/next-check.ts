import type { Verdict } from "#core/policy/verdict.ts";
import { isBefore } from "#core/span.ts";

/**
 * Waiting work is looked at again at least this often, even if nobody tells it that a fact has changed: wake-ups are
 * hints (semantics §5). An hour keeps 10,000 waiting deployments under three judgements a second.
 */
export const sweepEvery = { hours: 1 } as const;

/** When waiting work is judged again: at the first instant any finding names, and after `sweepEvery` at the latest. */
export function nextCheck(verdict: Verdict, at: Temporal.Instant): Temporal.Instant {
  const known = [verdict.nextOpening, ...verdict.findings.map((finding) => finding.until)];
  let next = at.add(sweepEvery);
  for (const instant of known) {
    if (instant !== null && isBefore(at, instant) && isBefore(instant, next)) next = instant;
  }
  return next;
}

/**
 * When work that begins to wait is judged for the second time: at once. A change that commits between the facts of its
 * verdict and the commit of that verdict wakes what waits, and cannot see this work yet. The first look behind the
 * commit knows the change.
 */
export function firstCheck(at: Temporal.Instant): Temporal.Instant {
  return at;
}
