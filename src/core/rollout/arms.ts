import type { ArmCounts } from "#core/rollout/stages.ts";
import type { Increments } from "#core/rollout/judge.ts";

/** Counts of one version in one second, as the proxy at the target saw them. */
export interface SecondOfArm extends ArmCounts {
  readonly second: number;
}

export interface ArmsOfSecond {
  readonly second: number;
  readonly control: ArmCounts;
  readonly canary: ArmCounts;
}

const none: ArmCounts = { requests: 0, errors: 0, latency: [] };

/** The two arms second by second, in order; versions other than the two are left out. */
export function pairArms(
  seconds: readonly (SecondOfArm & { readonly version: string })[],
  versions: { readonly control: string | null; readonly canary: string },
): readonly ArmsOfSecond[] {
  const bySecond = new Map<number, ArmsOfSecond>();
  for (const { second, version, requests, errors, latency } of seconds) {
    const pair = bySecond.get(second) ?? { second, control: none, canary: none };
    const counts = { requests, errors, latency };
    if (version === versions.canary) bySecond.set(second, { ...pair, canary: counts });
    else if (version === versions.control) bySecond.set(second, { ...pair, control: counts });
  }
  return [...bySecond.values()].sort((a, b) => a.second - b.second);
}

/**
 * What the judge is given for one second. With all the traffic on the canary there is no live control any more: the
 * control's own seconds of the stage before stand in, one for one and again from the start when they run out. They
 * stand in for errors alone. Latency moves with the load of the whole machine, so seconds of before are no comparison
 * for it: a neighbour that restarts would convict a version that is as good as its control (ADR 0009).
 */
export function incrementsOf(pair: ArmsOfSecond, reference: readonly ArmCounts[], index: number): Increments {
  if (pair.control.requests > 0 || reference.length === 0) return { control: pair.control, canary: pair.canary };
  const standIn = reference[index % reference.length] ?? none;
  return { control: { ...standIn, latency: [] }, canary: { ...pair.canary, latency: [] } };
}

/** The bound of the latency bucket in which the 95th percentile lies, in milliseconds; null without requests. */
export function p95Of(counts: ArmCounts, boundsMs: readonly number[]): number | null {
  if (counts.requests === 0) return null;
  let seen = 0;
  for (const [bucket, count] of counts.latency.entries()) {
    seen += count;
    if (seen >= 0.95 * counts.requests) return boundsMs[bucket] ?? (boundsMs.at(-1) ?? 0) * 2;
  }
  return null;
}
