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

/** A rule that may match: its place in the list, and what is left to ask of its scope; null: nothing. */
interface Candidate {
  readonly place: number;
  readonly rest: Scope | null;
}

/** Candidates by a plain word that they demand, as `indexedField` says. */
interface Tables {
  readonly services: Map<string, Candidate[]>;
  readonly teams: Map<string, Candidate[]>;
  readonly units: Map<string, Candidate[]>;
  /** Those that demand no plain word. */
  readonly others: Candidate[];
}

/** Lists by the places of the rules in them, one after the other. */
interface Kept<Rule> {
  list: readonly Rule[] | null;
  next: Map<number, Kept<Rule>> | null;
}

export function scopeIndex<Rule extends { readonly scope: Scope }>(rules: readonly Rule[]): ScopeIndex<Rule> {
  let root: Kept<Rule> = { list: none, next: null };
  let listsKept = 0;
  // Made when it is asked for the first time: many a source of facts is asked one question and thrown away.
  let everywhere: Tables | null = null;
  const there = new Map<string, Tables>();

  const tablesThere = (environment: string): Tables => {
    const known = there.get(environment);
    if (known !== undefined) return known;
    const made = tablesOf(rules, ({ environments }) => environments?.some((glob) => matchesGlob(glob, environment)));
    if (there.size >= maxEnvironmentsKept) there.clear();
    there.set(environment, made);
    return made;
  };
  const matching = (subject: ScopeSubject): readonly Rule[] => {
    if (rules.length === 0) return none;
    everywhere ??= tablesOf(rules, ({ environments }) => environments === undefined);
    const found: number[] = [];
    addMatching(found, everywhere, subject);
    addMatching(found, tablesThere(subject.environment), subject);
    let kept = root;
    for (const place of found) kept = after(kept, place);
    if (kept.list !== null) return kept.list;
    const list = found.flatMap((place) => rules[place] ?? []);
    kept.list = list;
    listsKept += 1;
    if (listsKept >= maxListsKept) {
      root = { list: none, next: null };
      listsKept = 0;
    }
    return list;
  };
  return { all: rules, matching };
}

const none: readonly never[] = [];

function after<Rule>(kept: Kept<Rule>, place: number): Kept<Rule> {
  kept.next ??= new Map();
  const known = kept.next.get(place);
  if (known !== undefined) return known;
  const made = { list: null, next: null };
  kept.next.set(place, made);
  return made;
}

/** Rules whose environments the condition accepts; of their scopes the rest is what the tables have not asked yet. */
function tablesOf(rules: readonly { readonly scope: Scope }[], isIn: (scope: Scope) => boolean | undefined): Tables {
  const tables: Tables = { services: new Map(), teams: new Map(), units: new Map(), others: [] };
  for (const [place, { scope }] of rules.entries()) {
    if (isIn(scope) !== true) continue;
    const { environments: _asked, ...rest } = scope;
    const field = indexedField(rest)?.[0];
    if (field === undefined || field === "environments") {
      tables.others.push({ place, rest: orNull(rest) });
      continue;
    }
    const candidate = { place, rest: orNull({ ...rest, [field]: undefined }) };
    for (const word of new Set(scope[field])) {
      const known = tables[field].get(word);
      if (known === undefined) tables[field].set(word, [candidate]);
      else known.push(candidate);
    }
  }
  return tables;
}

function orNull(scope: Scope): Scope | null {
  return Object.values(scope).every((field) => field === undefined) ? null : scope;
}

function addMatching(found: number[], tables: Tables, subject: ScopeSubject): void {
  addOf(found, tables.services.get(subject.service), subject);
  addOf(found, tables.teams.get(subject.team), subject);
  addOf(found, tables.units.get(subject.unit), subject);
  addOf(found, tables.others, subject);
}

/** Keeps the places in order: there are seldom more than a few. */
function addOf(found: number[], candidates: readonly Candidate[] | undefined, subject: ScopeSubject): void {
  if (candidates === undefined) return;
  for (const { place, rest } of candidates) {
    if (rest !== null && !matchesScope(rest, subject)) continue;
    let at = found.length;
    for (; at > 0 && (found[at - 1] ?? 0) > place; at--) found[at] = found[at - 1] ?? 0;
    found[at] = place;
  }
}
