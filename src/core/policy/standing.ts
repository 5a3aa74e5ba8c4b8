import { compareInstants } from "#core/span.ts";

/** Something that somebody has put in force: until an instant, or until somebody lifts it. */
export interface Standing {
  readonly since: Temporal.Instant;
  readonly until: Temporal.Instant | null;
}

/** True in `[since, until)`. */
export function standsAt({ since, until }: Standing, moment: Temporal.Instant): boolean {
  const begun = compareInstants(since, moment) <= 0;
  return begun && (until === null || compareInstants(moment, until) < 0);
}

/** The instants at which one of them begins or ends. */
export function standingMoments(standing: readonly Standing[]): readonly Temporal.Instant[] {
  return standing.flatMap(({ since, until }) => (until === null ? [since] : [since, until]));
}
