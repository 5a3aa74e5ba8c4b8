import type { Freeze } from "#core/calendar/freeze.ts";
import { indexedField } from "#core/calendar/rule-index.ts";
import { difference, emptySet, msOf, msOfEnd, oneSpan, union, unionOf, type SpanSet } from "#core/calendar/span-set.ts";
import {
  isRestricted,
  type MatchedSpans,
  type RuleSpans,
  type Timetable,
  type TimetableQuery,
} from "#core/calendar/timetable.ts";
import type { Window } from "#core/calendar/window.ts";

/**
 * The windows, or the freezes, of one scope, with their union in two parts: that of rules which name this service, and
 * that of rules which many services share. A rule of all scopes then costs each of them one merge.
 */
export interface Half<Rule> {
  readonly rules: readonly Rule[];
  readonly spans: MatchedSpans<Rule>;
  readonly own: readonly RuleSpans<Rule>[];
  readonly ownUnion: SpanSet;
  readonly sharedUnion: SpanSet;
}

/** Unions of rules that scopes have in common, by the rules' spans. They are values: the same object is the same set. */
export interface SharedUnions {
  readonly of: (sets: readonly SpanSet[]) => SpanSet;
}

/** Unions that are kept; beyond them it starts over, which costs time and changes no answer. */
const maxUnionsKept = 2_048;
/** A rule that names at most so many services is theirs; one that names more is shared like a glob. */
const maxOwners = 8;

export function sharedUnions(): SharedUnions {
  const kept = new Map<string, SpanSet>();
  const numbers = new WeakMap<SpanSet, number>();
  let last = 0;
  const numberOf = (set: SpanSet): number => {
    const known = numbers.get(set);
    if (known !== undefined) return known;
    last += 1;
    numbers.set(set, last);
    return last;
  };
  return {
    of(sets) {
      const [only] = sets;
      if (only === undefined) return emptySet;
      if (sets.length === 1) return only;
      const key = sets.map(numberOf).join();
      const known = kept.get(key);
      if (known !== undefined) return known;
      if (kept.size >= maxUnionsKept) kept.clear();
      const made = unionOf(sets);
      kept.set(key, made);
      return made;
    },
  };
}

/** Makes a half of rules that match, in their order. What `before` has in common with it is taken from there. */
export function halfOf<Rule extends Window | Freeze>(
  rules: readonly Rule[],
  spans: MatchedSpans<Rule>,
  before: Half<Rule> | null,
  shared: SharedUnions,
): Half<Rule> {
  const own: RuleSpans<Rule>[] = [];
  const others: SpanSet[] = [];
  for (const one of spans.matched) {
    if (isOwned(one.rule)) own.push(one);
    else others.push(one.spans);
  }
  const ownUnion =
    before !== null && haveSameSpans(before.own, own) ? before.ownUnion : unionOf(own.map((one) => one.spans));
  return { rules, spans, own, ownUnion, sharedUnion: shared.of(others) };
}

function isOwned({ scope }: Window | Freeze): boolean {
  return indexedField(scope)?.[0] === "services" && (scope.services?.length ?? 0) <= maxOwners;
}

function haveSameSpans<Rule>(a: readonly RuleSpans<Rule>[], b: readonly RuleSpans<Rule>[]): boolean {
  return a.length === b.length && a.every((one, place) => one.spans === b[place]?.spans);
}

/** What the rules of their own leave open to a scope, and what all of its rules do. */
export interface Joined {
  /** Windows minus the freezes of the scope's own. */
  readonly base: SpanSet;
  readonly table: Timetable;
}

/**
 * The same timetable as `joinTimetable` makes of the halves. `before` must have been made of halves for the same range
 * and environment; where its windows and own freezes are the same, only the shared freezes are taken off anew.
 */
export function joinHalves(
  { between, environment, subject }: Pick<TimetableQuery, "between" | "environment" | "subject">,
  windows: Half<Window>,
  freezes: Half<Freeze>,
  before: { readonly windows: Half<Window>; readonly freezes: Half<Freeze>; readonly base: SpanSet } | null,
): Joined {
  const faults = [...windows.spans.faults, ...freezes.spans.faults];
  const restricted = isRestricted(windows.rules.length, environment, subject);
  const isSameBase = before?.windows === windows && before.freezes.ownUnion === freezes.ownUnion;
  const base = isSameBase
    ? before.base
    : difference(
        restricted ? union(windows.sharedUnion, windows.ownUnion) : oneSpan(msOf(between.from), msOfEnd(between.to)),
        freezes.ownUnion,
      );
  const open = faults.length > 0 ? emptySet : difference(base, freezes.sharedUnion);
  return {
    base,
    table: {
      between,
      open,
      restricted,
      windows: windows.spans.matched,
      freezes: freezes.spans.matched,
      faults,
    },
  };
}
