import { err, ok, type Result } from "#core/result.ts";

/** Below this a clock that is late by a little would make a source silent; above it a silence tells nothing in time. */
const least = { seconds: 30 } as const;
const most = { hours: 7 * 24 } as const;

/** Until when the report holds, of one that was measured at the instant; nothing where nothing is promised. */
export function promiseOf(
  freshFor: string | undefined,
  at: Temporal.Instant,
): Result<{ readonly freshUntil?: Temporal.Instant }, string> {
  if (freshFor === undefined) return ok({});
  const seconds = Temporal.Duration.from(freshFor).total({ unit: "seconds", relativeTo: anyDay });
  const freshUntil = at.add({ milliseconds: Math.round(seconds * 1000) });
  const isWithin =
    Temporal.Instant.compare(freshUntil, at.add(least)) >= 0 && Temporal.Instant.compare(freshUntil, at.add(most)) <= 0;
  return isWithin ? ok({ freshUntil }) : err(`freshFor is ${freshFor}; it takes 30 seconds to 7 days (PT30S to P7D).`);
}

/** A day of a promise has 24 hours. */
const anyDay = Temporal.ZonedDateTime.from("2026-01-01T00:00[UTC]");
