import { spansOf, type CalendarFault } from "#core/calendar/expand.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { SpanKind } from "#core/calendar/resolve.ts";
import { candidates, indexOf, type RuleIndex } from "#core/calendar/rule-index.ts";
import type { SpanSet } from "#core/calendar/span-set.ts";
import {
  halfOf,
  joinHalves,
  sharedUnions,
  type Half,
  type Joined,
  type SharedUnions,
} from "#core/calendar/timetable-half.ts";
import {
  freezeMatches,
  spansOfRules,
  windowMatches,
  type RuleFault,
  type RuleSpans,
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
  windows: Half<Window>;
  freezes: Half<Freeze>;
  base: SpanSet;
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
  readonly keys: WeakMap<ScopeSubject, Key>;
  expansions: WeakMap<LocalRule, Map<string, Result<SpanSet, CalendarFault>>>;
  unions: SharedUnions;
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
    keys: new WeakMap(),
    expansions: new WeakMap(),
    unions: sharedUnions(),
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
  state.unions = sharedUnions();
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
  const { zone, windows } = environment;
  const known = state.keys.get(subject);
  if (known?.zone === zone && known.windows === windows) return known.text;
  const { service, team, unit, tier, tags, dataClasses, action, invoker } = subject;
  const place = [zone, windows, subject.environment, subject.region];
  const text = JSON.stringify([place, service, team, unit, tier, tags, dataClasses, subject.class, action, invoker]);
  state.keys.set(subject, { zone, windows, text });
  return text;
}

/** The key of the last question about a subject; the same string object is found again without reading it. */
interface Key {
  readonly zone: string;
  readonly windows: string;
  readonly text: string;
}

function freshEntry(state: State, query: TimetableQuery): Entry {
  const { subject } = query;
  state.index ??= { windows: indexOf(query.windows), freezes: indexOf(query.freezes) };
  const windows = candidates(state.index.windows, subject).filter((window) => windowMatches(window, subject));
  const freezes = candidates(state.index.freezes, subject).filter((freeze) => freezeMatches(freeze, subject));
  const halves = {
    windows: half(state, windowsOf(state), inOrder(windows, state.windowPlaces), query, null),
    freezes: half(state, freezesOf(state), inOrder(freezes, state.freezePlaces), query, null),
  };
  return { ...halves, ...joinHalves(query, halves.windows, halves.freezes, null), subject, edition: state.edition };
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
  let windows = entry.windows.rules;
  let freezes = entry.freezes.rules;
  for (const change of missed) {
    if (change === null) continue;
    windows = apply(windows, change.windows, (window) => windowMatches(window, entry.subject));
    freezes = apply(freezes, change.freezes, (freeze) => freezeMatches(freeze, entry.subject));
  }
  if (windows !== entry.windows.rules || freezes !== entry.freezes.rules) {
    Object.assign(entry, joinAnew(state, entry, windows, freezes, query));
  }
  return entry.table;
}

/** A half whose rules are the same list stays the same object, so that only the other one is joined anew. */
function joinAnew(
  state: State,
  entry: Entry,
  windows: readonly Window[],
  freezes: readonly Freeze[],
  query: TimetableQuery,
): Pick<Entry, "windows" | "freezes"> & Joined {
  const halves = {
    windows:
      windows === entry.windows.rules
        ? entry.windows
        : half(state, windowsOf(state), inOrder(windows, state.windowPlaces), query, entry.windows),
    freezes:
      freezes === entry.freezes.rules
        ? entry.freezes
        : half(state, freezesOf(state), inOrder(freezes, state.freezePlaces), query, entry.freezes),
  };
  return { ...halves, ...joinHalves(query, halves.windows, halves.freezes, entry) };
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

function windowsOf({ windowPlaces }: State): Sort<Window> {
  return { kind: "window", places: windowPlaces };
}

function freezesOf({ freezePlaces }: State): Sort<Freeze> {
  return { kind: "freeze", places: freezePlaces };
}

interface Sort<Rule> {
  readonly kind: SpanKind;
  readonly places: ReadonlyMap<Rule, number>;
}

/** What the rules of `before` that still stand were expanded to is taken over; both lists are in calendar order. */
function half<Rule extends Window | Freeze>(
  state: State,
  { kind, places }: Sort<Rule>,
  rules: readonly Rule[],
  query: TimetableQuery,
  before: Half<Rule> | null,
): Half<Rule> {
  const expand: typeof spansOf = (_, rule, targetZone, between) => expansionOf(state, kind, rule, targetZone, between);
  if (before === null || before.spans.faults.length > 0)
    return halfOf(rules, spansOfRules(kind, rules, query, expand), before, state.unions);
  const known = before.spans.matched;
  const matched: RuleSpans<Rule>[] = [];
  const faults: RuleFault[] = [];
  let place = 0;
  for (const rule of rules) {
    while (place < known.length && known[place]?.rule !== rule && isGone(known[place], places)) place += 1;
    const same = known[place];
    if (same?.rule === rule) {
      matched.push(same);
      place += 1;
      continue;
    }
    const found = spansOfRules(kind, [rule], query, expand);
    matched.push(...found.matched);
    faults.push(...found.faults);
  }
  return halfOf(rules, { matched, faults }, before, state.unions);
}

function isGone<Rule>(one: RuleSpans<Rule> | undefined, places: ReadonlyMap<Rule, number>): boolean {
  return one !== undefined && !places.has(one.rule);
}

function expansionOf(
  state: State,
  kind: SpanKind,
  rule: LocalRule,
  targetZone: string,
  between: Span,
): Result<SpanSet, CalendarFault> {
  const key = `${kind} ${rule.zone === "target" ? targetZone : rule.zone}`;
  const kept = state.expansions.get(rule);
  const known = kept?.get(key);
  if (known !== undefined) return known;
  const spans = spansOf(kind, rule, targetZone, between);
  if (kept === undefined) state.expansions.set(rule, new Map([[key, spans]]));
  else kept.set(key, spans);
  return spans;
}
