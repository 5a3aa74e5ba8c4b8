import { spansOf, type CalendarFault } from "#core/calendar/expand.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { SpanKind } from "#core/calendar/resolve.ts";
import { candidates, indexOf, type RuleIndex } from "#core/calendar/rule-index.ts";
import type { SpanSet } from "#core/calendar/span-set.ts";
import {
  freezeMatches,
  joinTimetable,
  spansOfRules,
  windowMatches,
  type Timetable,
  type TimetableQuery,
} from "#core/calendar/timetable.ts";
import type { Window } from "#core/calendar/window.ts";
import type { ScopeSubject } from "#core/catalog/scope.ts";
import type { Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";

/**
 * Timetables of many scopes over one calendar that changes rule by rule. Rules are values: the same object is the same
 * rule, so each is expanded once for a zone and range, each scope is matched once, and after a change only the scopes
 * that the changed rules match are joined anew. The answers are those of `timetableOf`, in the same order.
 */
export interface TimetableCache {
  readonly timetableOf: (query: TimetableQuery) => Timetable;
}

/** Scopes that are kept; beyond them the cache starts over, which costs time and changes no answer. */
export const maxScopesKept = 20_000;

/** Changes of the calendar that a scope can have missed before it is matched anew. */
const maxChangesKept = 64;

interface Change {
  readonly windows: Difference<Window>;
  readonly freezes: Difference<Freeze>;
}

interface Difference<Rule> {
  readonly added: readonly Rule[];
  readonly removed: ReadonlySet<Rule>;
}

interface Entry {
  readonly subject: ScopeSubject;
  /** The state of the calendar that this entry is up to date with. */
  edition: number;
  windows: readonly Window[];
  freezes: readonly Freeze[];
  table: Timetable;
}

interface State {
  between: Span | null;
  windows: readonly Window[];
  freezes: readonly Freeze[];
  windowPlaces: ReadonlyMap<Window, number>;
  freezePlaces: ReadonlyMap<Freeze, number>;
  /** Counts the states of the calendar. */
  edition: number;
  /** What led to the last editions, the newest last; null where only matching anew will do. */
  readonly changes: (Change | null)[];
  readonly entries: Map<string, Entry>;
  /** Rules of this edition by what they name, made when a scope is matched for the first time. */
  index: { readonly windows: RuleIndex<Window>; readonly freezes: RuleIndex<Freeze> } | null;
  readonly subjectKeys: WeakMap<ScopeSubject, string>;
  expansions: WeakMap<LocalRule, Map<string, Result<SpanSet, CalendarFault>>>;
}

/** An empty cache. It holds one range at a time: asking for another range starts it over. */
export function timetableCache(): TimetableCache {
  const state: State = {
    between: null,
    windows: [],
    freezes: [],
    windowPlaces: new Map(),
    freezePlaces: new Map(),
    edition: 0,
    changes: [],
    entries: new Map(),
    index: null,
    subjectKeys: new WeakMap(),
    expansions: new WeakMap(),
  };
  return { timetableOf: (query) => answer(state, query) };
}

function answer(state: State, query: TimetableQuery): Timetable {
  if (state.between === null || !isSameSpan(state.between, query.between)) startOver(state, query.between);
  if (state.windows !== query.windows || state.freezes !== query.freezes) noteChange(state, query);
  const key = keyOf(state, query);
  const entry = state.entries.get(key);
  if (entry !== undefined) return upToDate(state, entry, query);
  if (state.entries.size >= maxScopesKept) state.entries.clear();
  const fresh = freshEntry(state, query);
  state.entries.set(key, fresh);
  return fresh.table;
}

function isSameSpan(a: Span, b: Span): boolean {
  return a === b || (a.from.equals(b.from) && a.to.equals(b.to));
}

function startOver(state: State, between: Span): void {
  state.between = between;
  state.entries.clear();
  state.expansions = new WeakMap();
}

function noteChange(state: State, { windows, freezes }: TimetableQuery): void {
  const windowPlaces = placesOf(windows);
  const freezePlaces = placesOf(freezes);
  const inSameOrder = keepsOrder(state.windowPlaces, windowPlaces) && keepsOrder(state.freezePlaces, freezePlaces);
  const change = {
    windows: differenceOf(state.windowPlaces, windowPlaces),
    freezes: differenceOf(state.freezePlaces, freezePlaces),
  };
  state.changes.push(inSameOrder ? change : null);
  if (state.changes.length > maxChangesKept) state.changes.shift();
  Object.assign(state, { windows, freezes, windowPlaces, freezePlaces, edition: state.edition + 1, index: null });
}

/** True when the rules that stay come in the order in which they came before. */
function keepsOrder<Rule>(before: ReadonlyMap<Rule, number>, after: ReadonlyMap<Rule, number>): boolean {
  let last = -1;
  for (const rule of after.keys()) {
    const place = before.get(rule);
    if (place === undefined) continue;
    if (place < last) return false;
    last = place;
  }
  return true;
}

function placesOf<Rule>(rules: readonly Rule[]): ReadonlyMap<Rule, number> {
  return new Map(rules.map((rule, place) => [rule, place]));
}

function differenceOf<Rule>(before: ReadonlyMap<Rule, number>, after: ReadonlyMap<Rule, number>): Difference<Rule> {
  return {
    added: [...after.keys()].filter((rule) => !before.has(rule)),
    removed: new Set([...before.keys()].filter((rule) => !after.has(rule))),
  };
}

/** Everything that a match or an expansion depends on, except the calendar and the range. */
function keyOf(state: State, { subject, environment }: TimetableQuery): string {
  let subjectKey = state.subjectKeys.get(subject);
  if (subjectKey === undefined) {
    const { service, team, unit, tier, tags, dataClasses, action, invoker } = subject;
    const place = [subject.environment, subject.region];
    subjectKey = JSON.stringify([place, service, team, unit, tier, tags, dataClasses, subject.class, action, invoker]);
    state.subjectKeys.set(subject, subjectKey);
  }
  return `${environment.zone} ${environment.windows} ${subjectKey}`;
}

function freshEntry(state: State, query: TimetableQuery): Entry {
  const { subject } = query;
  state.index ??= { windows: indexOf(query.windows), freezes: indexOf(query.freezes) };
  const windows = candidates(state.index.windows, subject).filter((window) => windowMatches(window, subject));
  const freezes = candidates(state.index.freezes, subject).filter((freeze) => freezeMatches(freeze, subject));
  const entry = { windows: inOrder(windows, state.windowPlaces), freezes: inOrder(freezes, state.freezePlaces) };
  return { ...entry, subject, edition: state.edition, table: join(state, entry.windows, entry.freezes, query) };
}

function upToDate(state: State, entry: Entry, query: TimetableQuery): Timetable {
  const missedEditions = state.edition - entry.edition;
  if (missedEditions === 0) return entry.table;
  const missed = state.changes.slice(-missedEditions);
  entry.edition = state.edition;
  if (missed.length < missedEditions || missed.includes(null)) {
    Object.assign(entry, freshEntry(state, query));
    return entry.table;
  }
  let { windows, freezes } = entry;
  for (const change of missed) {
    if (change === null) continue;
    windows = apply(windows, change.windows, (window) => windowMatches(window, entry.subject));
    freezes = apply(freezes, change.freezes, (freeze) => freezeMatches(freeze, entry.subject));
  }
  if (windows === entry.windows && freezes === entry.freezes) return entry.table;
  entry.windows = inOrder(windows, state.windowPlaces);
  entry.freezes = inOrder(freezes, state.freezePlaces);
  entry.table = join(state, entry.windows, entry.freezes, query);
  return entry.table;
}

/** The same list, itself, when the change does not touch it. */
function apply<Rule>(
  rules: readonly Rule[],
  change: Difference<Rule>,
  matches: (rule: Rule) => boolean,
): readonly Rule[] {
  const added = change.added.filter(matches);
  const isTouched = added.length > 0 || (change.removed.size > 0 && rules.some((rule) => change.removed.has(rule)));
  return isTouched ? [...rules.filter((rule) => !change.removed.has(rule)), ...added] : rules;
}

function inOrder<Rule>(rules: readonly Rule[], places: ReadonlyMap<Rule, number>): readonly Rule[] {
  return rules.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}

function join(state: State, windows: readonly Window[], freezes: readonly Freeze[], query: TimetableQuery): Timetable {
  const expand = (
    kind: SpanKind,
    rule: LocalRule,
    targetZone: string,
    between: Span,
  ): Result<SpanSet, CalendarFault> => {
    const key = `${kind} ${rule.zone === "target" ? targetZone : rule.zone}`;
    const kept = state.expansions.get(rule);
    const known = kept?.get(key);
    if (known !== undefined) return known;
    const spans = spansOf(kind, rule, targetZone, between);
    if (kept === undefined) state.expansions.set(rule, new Map([[key, spans]]));
    else kept.set(key, spans);
    return spans;
  };
  return joinTimetable(
    query,
    spansOfRules("window", windows, query, expand),
    spansOfRules("freeze", freezes, query, expand),
  );
}
