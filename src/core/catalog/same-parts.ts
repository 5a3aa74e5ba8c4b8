import type { Organisation } from "#core/catalog/organisation.ts";

/**
 * The organisation, with the very parts of the one before where they hold the very same things. Most of a configuration is
 * the same in the next one, and what verdicts remember, they remember by these parts.
 */
export function withSameParts(before: Organisation, next: Organisation): Organisation {
  return {
    ...next,
    people: sameMap(before.people, next.people),
    services: sameMap(before.services, next.services),
    environments: sameMap(before.environments, next.environments),
    windows: sameList(before.windows, next.windows),
    freezes: sameList(before.freezes, next.freezes),
    routes: sameList(before.routes, next.routes),
    strategies: sameList(before.strategies, next.strategies),
    rotas: sameList(before.rotas, next.rotas),
    sequences: sameList(before.sequences, next.sequences),
    policies: sameList(before.policies, next.policies),
  };
}

function sameList<T>(before: readonly T[], next: readonly T[]): readonly T[] {
  return before.length === next.length && before.every((one, place) => one === next[place]) ? before : next;
}

/** In another order the things are another map: facts are written in its order. */
function sameMap<T>(before: ReadonlyMap<string, T>, next: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return isSame(before, next) ? before : next;
}

function isSame<T>(before: ReadonlyMap<string, T>, next: ReadonlyMap<string, T>): boolean {
  if (before.size !== next.size) return false;
  const others = next.entries();
  for (const [name, one] of before) {
    const { value } = others.next();
    if (value === undefined || value[0] !== name || value[1] !== one) return false;
  }
  return true;
}
