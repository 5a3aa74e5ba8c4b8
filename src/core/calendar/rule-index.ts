import type { Scope, ScopeSubject } from "#core/catalog/scope.ts";

/**
 * Scoped rules sorted by one plain word that they demand, so that a subject is compared with a few rules and not with
 * all. It leaves out only what cannot match; whether the rest does is still asked of `matchesScope`.
 */
export interface RuleIndex<Rule> {
  readonly byWord: ReadonlyMap<string, readonly Rule[]>;
  /** Rules that demand no plain word: they may match anything. */
  readonly rest: readonly Rule[];
}

/** Fields of which a subject has exactly one value, the most selective first. */
const fields = [
  ["services", "service"],
  ["teams", "team"],
  ["units", "unit"],
  ["environments", "environment"],
] as const satisfies readonly (readonly [keyof Scope, keyof ScopeSubject])[];

export function indexOf<Rule extends { readonly scope: Scope }>(rules: readonly Rule[]): RuleIndex<Rule> {
  const byWord = new Map<string, Rule[]>();
  const rest: Rule[] = [];
  for (const rule of rules) {
    const field = indexedField(rule.scope);
    if (field === undefined) {
      rest.push(rule);
      continue;
    }
    for (const word of new Set(rule.scope[field[0]])) {
      const key = `${field[0]} ${word}`;
      const list = byWord.get(key);
      if (list === undefined) byWord.set(key, [rule]);
      else list.push(rule);
    }
  }
  return { byWord, rest };
}

/** The field whose plain words stand for the scope in the index; undefined for a scope that demands none. */
export function indexedField(scope: Scope): (typeof fields)[number] | undefined {
  return fields.find(([name]) => scope[name]?.every(isPlain));
}

function isPlain(glob: string): boolean {
  return !glob.includes("*") && !glob.includes("?");
}

/** The rules that can match the subject, in no particular order, each once. */
export function candidates<Rule>(index: RuleIndex<Rule>, subject: ScopeSubject): readonly Rule[] {
  return fields.reduce<readonly Rule[]>((found, [list, single]) => {
    const more = index.byWord.get(`${list} ${subject[single]}`);
    return more === undefined ? found : [...found, ...more];
  }, index.rest);
}
