import { compareInstants } from "#core/span.ts";

/** The instants strictly inside `(from, to)`, in order, each once. */
export function momentsWithin(
  moments: readonly Temporal.Instant[],
  from: Temporal.Instant,
  to: Temporal.Instant,
): readonly Temporal.Instant[] {
  const inside = moments.filter((moment) => isAfter(moment, from) && isAfter(to, moment));
  inside.sort((a, b) => compareInstants(a, b));
  return inside.filter((moment, index) => index === 0 || isAfter(moment, inside[index - 1] ?? from));
}

export function isAfter(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return compareInstants(a, b) > 0;
}

/** The latest of them; null when there is none, or as soon as one is not known. */
export function latestOf(moments: readonly (Temporal.Instant | null)[]): Temporal.Instant | null {
  let latest: Temporal.Instant | null = null;
  for (const moment of moments) {
    if (moment === null) return null;
    if (latest === null || isAfter(moment, latest)) latest = moment;
  }
  return latest;
}
