import type { CalendarFault, spansOf } from "#core/calendar/expand.ts";
import { rememberedSpans } from "#core/calendar/expansion.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import {
  borderAt,
  difference,
  emptySet,
  instantOf,
  oneSpan,
  msOf,
  msOfEnd,
  unionOf,
  type SpanSet,
} from "#core/calendar/span-set.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import { bindsAction, forwardActions, matchesScope, type ScopeSubject } from "#core/catalog/scope.ts";
import type { Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";

/** What a question about open time is asked of. `environment` gives the zone for `zone: target` and the `windows` duty. */
export interface TimetableQuery {
  readonly windows: readonly Window[];
  readonly freezes: readonly Freeze[];
  readonly subject: ScopeSubject;
  readonly environment: Pick<Environment, "zone" | "windows">;
  readonly between: Span;
}

/** A matching rule and its spans in the range of the query, clipped and merged. */
export interface RuleSpans<Rule> {
  readonly rule: Rule;
  readonly spans: SpanSet;
}

/** A matching rule that cannot be read. The scope is closed for as long as it stands (semantics §2.1). */
export interface RuleFault {
  readonly kind: "window" | "freeze";
  readonly name: string;
  readonly fault: CalendarFault;
  readonly message: string;
}

/** Every matching rule of one sort with its spans; rules that cannot be read are in `faults` and nowhere else. */
export interface MatchedSpans<Rule> {
  readonly matched: readonly RuleSpans<Rule>[];
  readonly faults: readonly RuleFault[];
}

export interface Timetable {
  readonly between: Span;
  /** When the subject may act: windows − freezes, clipped to the range; empty when a matching rule is faulty. */
  readonly open: SpanSet;
  /** False when no window matches and none is required: then only freezes close. */
  readonly restricted: boolean;
  readonly windows: readonly RuleSpans<Window>[];
  readonly freezes: readonly RuleSpans<Freeze>[];
  readonly faults: readonly RuleFault[];
}

/** One border of the open time and every rule whose own border it is. */
export interface Border {
  readonly at: Temporal.Instant;
  readonly turns: "open" | "closed";
  readonly causes: readonly BorderCause[];
}

export interface BorderCause {
  readonly kind: "window" | "freeze";
  readonly name: string;
  readonly edge: "begins" | "ends";
}

/** Open time of a subject: the union of its windows minus its freezes (semantics §2.3). */
export function timetableOf(query: TimetableQuery): Timetable {
  return joinTimetable(query, windowSpans(query), freezeSpans(query));
}

/** The windows that match the subject, each with its spans; the half that `inside-window` judges. */
export function windowSpans(query: Omit<TimetableQuery, "freezes">): MatchedSpans<Window> {
  return spansOfRules(
    "window",
    query.windows.filter((window) => windowMatches(window, query.subject)),
    query,
    rememberedSpans,
  );
}

/** The freezes that match the subject, each with its spans; the half that `freeze-in-force` judges. */
export function freezeSpans(query: Omit<TimetableQuery, "windows">): MatchedSpans<Freeze> {
  return spansOfRules(
    "freeze",
    query.freezes.filter((freeze) => freezeMatches(freeze, query.subject)),
    query,
    rememberedSpans,
  );
}

/** A window that names no actions says nothing about going back to what was live before (ADR 36). */
export function windowMatches(window: Window, subject: ScopeSubject): boolean {
  return bindsAction(window.scope, subject.action) && matchesScope(window.scope, subject);
}

/** False: only freezes close. Where windows are required, what goes back needs none. */
export function isRestricted(
  windows: number,
  environment: Pick<Environment, "windows">,
  { action }: Pick<ScopeSubject, "action">,
): boolean {
  return windows > 0 || (environment.windows === "required" && action !== "roll-back");
}

/** A freeze that names no actions stops forward actions only: going back to what ran before is not its matter (semantics §3.8). */
export function freezeMatches(freeze: Freeze, subject: ScopeSubject): boolean {
  if (freeze.scope.actions === undefined && !forwardActions.includes(subject.action)) return false;
  return matchesScope(freeze.scope, subject);
}

/** Expands rules that are known to match. `expand` may be a memo of `spansOf`. */
export function spansOfRules<Rule extends Window | Freeze>(
  kind: "window" | "freeze",
  rules: readonly Rule[],
  query: Pick<TimetableQuery, "environment" | "between">,
  expand: typeof spansOf,
): MatchedSpans<Rule> {
  const matched: RuleSpans<Rule>[] = [];
  const faults: RuleFault[] = [];
  for (const rule of rules) {
    const spans: Result<SpanSet, CalendarFault> = expand(kind, rule.rule, query.environment.zone, query.between);
    if (spans.ok) matched.push({ rule, spans: spans.value });
    else
      faults.push({
        kind,
        name: rule.name,
        fault: spans.error,
        message: `${kind} ${rule.name}: ${spans.error.message}`,
      });
  }
  return { matched, faults };
}

/** Puts the two halves together. A faulty rule closes the whole range: never open by accident. */
export function joinTimetable(
  query: Pick<TimetableQuery, "environment" | "between" | "subject">,
  windows: MatchedSpans<Window>,
  freezes: MatchedSpans<Freeze>,
): Timetable {
  const { between, environment, subject } = query;
  const faults = [...windows.faults, ...freezes.faults];
  const restricted = isRestricted(windows.matched.length + windows.faults.length, environment, subject);
  const allowed = restricted
    ? unionOf(windows.matched.map(({ spans }) => spans))
    : oneSpan(msOf(between.from), msOfEnd(between.to));
  const frozen = unionOf(freezes.matched.map(({ spans }) => spans));
  const open = faults.length > 0 ? emptySet : difference(allowed, frozen);
  return { between, open, restricted, windows: windows.matched, freezes: freezes.matched, faults };
}

/** Every border of the open time in order, with its causes. Borders that are only those of the range have no cause. */
export function bordersOf(timetable: Timetable): readonly Border[] {
  return timetable.open.borders.map((ms, index) => {
    const turns = index % 2 === 0 ? "open" : "closed";
    return { at: instantOf(ms), turns, causes: causesAt(timetable, ms, turns) };
  });
}

/** An opening is caused by windows that begin and freezes that end; a closing by the opposite. */
function causesAt(timetable: Timetable, ms: number, turns: "open" | "closed"): readonly BorderCause[] {
  const isRangeEdge = ms === msOf(timetable.between.from) || ms === msOfEnd(timetable.between.to);
  if (isRangeEdge) return [];
  const windowEdge = turns === "open" ? "begins" : "ends";
  const freezeEdge = turns === "open" ? "ends" : "begins";
  const windows = timetable.windows.filter(({ spans }) => borderAt(spans, ms) === windowEdge);
  const freezes = timetable.freezes.filter(({ spans }) => borderAt(spans, ms) === freezeEdge);
  return [
    ...windows.map(({ rule }) => ({ kind: "window", name: rule.name, edge: windowEdge }) as const),
    ...freezes.map(({ rule }) => ({ kind: "freeze", name: rule.name, edge: freezeEdge }) as const),
  ];
}
