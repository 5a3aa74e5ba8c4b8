import type { WindowPlace } from "#core/calendar/lint-places.ts";
import type { ExpectedDuration } from "#core/release/state.ts";

/** P95 of a service's run and of its way back in an environment; null where nothing is known. */
export type UsualRunOf = (service: string, environment: string) => ExpectedDuration | null;

/** How long an opening must be for everything that it lets act. */
export interface RunNeed {
  readonly length: Temporal.Duration;
  /** Part of a sentence that says whose run it is. */
  readonly whose: string;
}

/** A look-up over figures that were measured or declared; the first of a place counts, as it does for the rule. */
export function usualRunsFrom(durations: readonly ExpectedDuration[]): UsualRunOf {
  const known = new Map<string, ExpectedDuration>();
  for (const duration of durations) {
    const key = keyOf(duration.service, duration.environment);
    if (!known.has(key)) known.set(key, duration);
  }
  return (service, environment) => known.get(keyOf(service, environment)) ?? null;
}

function keyOf(service: string, environment: string): string {
  return JSON.stringify([service, environment]);
}

/**
 * The longest run with its way back (semantics §2.5) among the places that a window lets act. Null where none is known,
 * and where the assumed run of a place without history is the longest.
 */
export function longestRun(
  places: readonly WindowPlace[],
  query: { readonly usualRunOf: UsualRunOf; readonly shortestUseful: Temporal.Duration },
): RunNeed | null {
  let longest: RunNeed | null = null;
  let isAnyAssumed = false;
  for (const { service, environment } of places) {
    const run = query.usualRunOf(service.name, environment.name);
    if (run === null) {
      isAnyAssumed = true;
      continue;
    }
    const length = inHours(run.p95.add(run.rollbackP95));
    if (longest !== null && Temporal.Duration.compare(length, longest.length) <= 0) continue;
    const parts = `P95 of the run ${inHours(run.p95).toString()}, of the way back ${inHours(run.rollbackP95).toString()}`;
    longest = { length, whose: `which ${service.name} needs in ${environment.name} (${parts})` };
  }
  if (longest === null || !isAnyAssumed) return longest;
  return Temporal.Duration.compare(longest.length, query.shortestUseful) < 0 ? null : longest;
}

function inHours(duration: Temporal.Duration): Temporal.Duration {
  return duration.round({ largestUnit: "hours" });
}
