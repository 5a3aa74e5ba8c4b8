import { candidates, indexOf, type RuleIndex } from "#core/calendar/rule-index.ts";
import { matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";

/** Scoped rules, found without comparing the subject with all of them. */
export interface ScopeIndex<Rule> {
  readonly all: readonly Rule[];
  /**
   * The rules whose scope matches, in the order of the whole list. Subjects that the same rules match get the same list
   * object, so what is derived from a list, such as its digest, is made once for all of them.
   */
  readonly matching: (subject: ScopeSubject) => readonly Rule[];
}

/** Lists that are kept; beyond them it starts over, which costs time and changes no answer. */
const maxListsKept = 65_536;

export function scopeIndex<Rule extends { readonly scope: Scope }>(rules: readonly Rule[]): ScopeIndex<Rule> {
  const lists = new Map<string, readonly Rule[]>();
  const none: readonly Rule[] = [];
  // Made when it is asked for the first time: many a source of facts is asked one question and thrown away.
  let index: RuleIndex<Rule> | null = null;
  let places: ReadonlyMap<Rule, number> = new Map();
  const matching = (subject: ScopeSubject): readonly Rule[] => {
    if (rules.length === 0) return none;
    if (index === null) {
      index = indexOf(rules);
      places = new Map(rules.map((rule, place) => [rule, place]));
    }
    const found: number[] = [];
    for (const rule of candidates(index, subject)) {
      if (matchesScope(rule.scope, subject)) found.push(places.get(rule) ?? 0);
    }
    if (found.length === 0) return none;
    found.sort((a, b) => a - b);
    const key = found.join();
    const known = lists.get(key);
    if (known !== undefined) return known;
    if (lists.size >= maxListsKept) lists.clear();
    const list = found.flatMap((place) => rules[place] ?? []);
    lists.set(key, list);
    return list;
  };
  return { all: rules, matching };
}
