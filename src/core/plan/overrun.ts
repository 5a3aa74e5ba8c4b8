import { sayDuration } from "#core/policy/say.ts";

/** Fewer runs of before say nothing about what is usual. */
export const fewestRuns = 5;
/** So many of the latest runs say what is usual. */
export const latestRuns = 20;
/** Runs of seconds are late when they take minutes, not when they take a second more. */
const leastSeconds = 60;
/** The last tenth of the time before the way back begins by itself is left for people. */
const partLeft = 10;

/**
 * The instant from which a run that is still under way is late (capability I7): it takes longer than nine of ten of its
 * runs before did, or the way back begins soon. `usualSeconds`: what those took at most; null: too little is known.
 */
export function alertAt(
  startedAt: Temporal.Instant,
  turnAt: Temporal.Instant,
  usualSeconds: number | null,
): Temporal.Instant {
  const forward = secondsBetween(startedAt, turnAt);
  const soon = turnAt.subtract({ seconds: Math.floor(forward / partLeft) });
  if (usualSeconds === null) return soon;
  const long = startedAt.add({ seconds: Math.max(leastSeconds, usualSeconds) });
  return Temporal.Instant.compare(long, soon) < 0 ? long : soon;
}

/** What a step has taken so far, or took; `usual` as above. In seconds. */
export interface StepTime {
  readonly name: string;
  readonly seconds: number;
  readonly usual: number | null;
  readonly isUnderWay: boolean;
}

/** The step that has cost the most over what is usual; one whose usual time nobody knows counts whole. null: none. */
export function slowestOf(times: readonly StepTime[]): StepTime | null {
  return times.reduce<StepTime | null>(
    (worst, one) => (worst === null || excess(one) > excess(worst) ? one : worst),
    null,
  );
}

function excess({ seconds, usual }: StepTime): number {
  return seconds - (usual ?? 0);
}

/** One or two sentences: why the run is late, and which step made it so. */
export function sayOverrun(
  run: {
    readonly turnAt: Temporal.Instant;
    readonly startedAt: Temporal.Instant;
    readonly usualSeconds: number | null;
  },
  at: Temporal.Instant,
  times: readonly StepTime[],
): string {
  const { usualSeconds: usual, startedAt, turnAt } = run;
  const isLong = usual !== null && secondsBetween(startedAt, at) >= Math.max(leastSeconds, usual);
  const why = isLong
    ? `Nine of ten runs before took ${saySeconds(usual)} at most.`
    : `The way back begins by itself in ${saySeconds(secondsBetween(at, turnAt))}, and not everything is done.`;
  const slow = slowestOf(times);
  return slow === null ? why : `${why} ${saySlow(slow)}`;
}

function saySlow({ name, seconds, usual, isUnderWay }: StepTime): string {
  const took = `${name} ${isUnderWay ? "has taken" : "took"} ${saySeconds(seconds)}`;
  return usual === null ? `${took}.` : `${took}, usually ${saySeconds(usual)} at most.`;
}

function saySeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : sayDuration(Temporal.Duration.from({ seconds: whole }));
}

function secondsBetween(from: Temporal.Instant, to: Temporal.Instant): number {
  return (to.epochMilliseconds - from.epochMilliseconds) / 1000;
}
