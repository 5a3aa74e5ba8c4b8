import { refuse, type Refused } from "#api/handler.ts";
import type { ConfigurationProblem } from "#usecases/operations.ts";

/** More would not be read; the first ones are the ones to mend. */
export const maxShownProblems = 500;

export function refuseConfiguration(problems: readonly ConfigurationProblem[]): Refused<"invalid-configuration"> {
  const detail = `${problems.length} ${problems.length === 1 ? "problem" : "problems"}; nothing was applied. Mend them and apply again.`;
  return refuse("invalid-configuration", detail, { problems: problems.slice(0, maxShownProblems) });
}
