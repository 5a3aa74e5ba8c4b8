import { behind, type PlanStep } from "#core/plan/plan.ts";

/**
 * The most steps of a graph without cycles that can be under way at once: of any two of them neither needs the other,
 * directly or through others. By Dilworth's theorem that is the number of steps less the size of the largest matching
 * between steps and what they need, which is found by augmenting paths.
 */
export function widthOf(steps: readonly PlanStep[]): number {
  const needs = new Map(steps.map(({ name }) => [name, behind(steps, name)]));
  const neededBy = new Map<string, string>();
  const match = (name: string, tried: Set<string>): boolean => {
    for (const need of needs.get(name) ?? []) {
      if (tried.has(need)) continue;
      tried.add(need);
      const other = neededBy.get(need);
      if (other !== undefined && !match(other, tried)) continue;
      neededBy.set(need, name);
      return true;
    }
    return false;
  };
  return steps.length - steps.filter(({ name }) => match(name, new Set())).length;
}
