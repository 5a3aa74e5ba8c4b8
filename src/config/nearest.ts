import { nearestNames } from "#core/policy/nearest.ts";

/** The one candidate that was most likely meant, or null when none is close. */
export function nearest(text: string, candidates: Iterable<string>): string | null {
  return nearestNames(text, candidates)[0] ?? null;
}

/** The sentence part of a suggestion, with a leading space; "" when there is nothing close. */
export function didYouMean(text: string, candidates: Iterable<string>): string {
  const found = nearest(text, candidates);
  return found === null ? "" : ` Did you mean "${found}"?`;
}
