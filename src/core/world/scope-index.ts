import { indexedField } from "#core/calendar/rule-index.ts";
import { matchesGlob, matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";

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
/** Environments whose rest is kept; more are asked about only by mistake. */
const maxEnvironmentsKept = 1_024;

type Places = readonly number[];

/** Places of rules by the plain words that their most selective field demands, as `indexedField` says. */
interface Tables {
  readonly services: ReadonlyMap<string, Places>;
  readonly teams: ReadonlyMap<string, Places>;
  readonly units: ReadonlyMap<string, Places>;
  readonly environments: ReadonlyMap<string, Places>;
  /** Rules that demand no plain word. */
  readonly rest: Places;
  /** Of the rest those that an environment may match, found out when it is asked about. */
  readonly restIn: Map<string, Places>;
}

export function scopeIndex<Rule extends { readonly scope: Scope }>(rules: readonly Rule[]): ScopeIndex<Rule> {
  const lists = new Map<string, readonly Rule[]>();
  // Made when it is asked for the first time: many a source of facts is asked one question and thrown away.
  let tables: Tables | null = null;
  const matching = (subject: ScopeSubject): readonly Rule[] => {
    if (rules.length === 0) return none;
    tables ??= tablesOf(rules);
    const found: number[] = [];
    for (const places of placesFor(rules, tables, subject)) {
      for (const place of places ?? []) {
        const rule = rules[place];
        if (rule !== undefined && matchesScope(rule.scope, subject)) found.push(place);
      }
    }
    if (found.length === 0) return none;
    if (found.length > 1) found.sort(ascending);
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

const none: readonly never[] = [];

function ascending(a: number, b: number): number {
  return a - b;
}

function tablesOf(rules: readonly { readonly scope: Scope }[]): Tables {
  const byField = {
    services: new Map<string, number[]>(),
    teams: new Map<string, number[]>(),
    units: new Map<string, number[]>(),
    environments: new Map<string, number[]>(),
  };
  const rest: number[] = [];
  for (const [place, { scope }] of rules.entries()) {
    const field = indexedField(scope)?.[0];
    if (field === undefined) {
      rest.push(place);
      continue;
    }
    for (const word of new Set(scope[field])) {
      const known = byField[field].get(word);
      if (known === undefined) byField[field].set(word, [place]);
      else known.push(place);
    }
  }
  return { ...byField, rest, restIn: new Map() };
}

function placesFor(
  rules: readonly { readonly scope: Scope }[],
  tables: Tables,
  { service, team, unit, environment }: ScopeSubject,
): readonly (Places | undefined)[] {
  let rest = tables.restIn.get(environment);
  if (rest === undefined) {
    rest = tables.rest.filter((place) => {
      const globs = rules[place]?.scope.environments;
      return globs === undefined || globs.some((glob) => matchesGlob(glob, environment));
    });
    if (tables.restIn.size >= maxEnvironmentsKept) tables.restIn.clear();
    tables.restIn.set(environment, rest);
  }
  return [
    tables.services.get(service),
    tables.teams.get(team),
    tables.units.get(unit),
    tables.environments.get(environment),
    rest,
  ];
}
