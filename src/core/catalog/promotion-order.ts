import type { Environment } from "#core/catalog/environment.ts";

/**
 * Environments in the order in which a version passes them: each behind all that it comes after, equals by name. What
 * refers to nothing that is known, or stands in a circle, comes last: configuration refuses both.
 */
export function inPromotionOrder(environments: readonly Environment[]): readonly Environment[] {
  const known = new Set(environments.map(({ name }) => name));
  const ordered: Environment[] = [];
  const placed = new Set<string>();
  let rest = environments.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  while (rest.length > 0) {
    const next = rest.filter(({ after }) => after.every((name) => placed.has(name) || !known.has(name)));
    if (next.length === 0) return [...ordered, ...rest];
    for (const environment of next) placed.add(environment.name);
    ordered.push(...next);
    rest = rest.filter(({ name }) => !placed.has(name));
  }
  return ordered;
}

/** What comes before the environment, directly or through others, in promotion order; never itself. */
export function stagesBefore(environments: ReadonlyMap<string, Environment>, name: string): readonly string[] {
  const found = new Set<string>();
  const queue = [...(environments.get(name)?.after ?? [])];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === name || found.has(next)) continue;
    found.add(next);
    queue.push(...(environments.get(next)?.after ?? []));
  }
  const known = [...environments.values()].filter(({ name: stage }) => found.has(stage));
  return inPromotionOrder(known).map(({ name: stage }) => stage);
}
