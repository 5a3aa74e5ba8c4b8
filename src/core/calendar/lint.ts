import { fromLocalMs, toLocalMs } from "#core/calendar/civil.ts";
import { faultOf, occurrencesOf, seriesOfRule, spansOf, type CalendarFault } from "#core/calendar/expand.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import { instantOf, isEmpty, spansIn } from "#core/calendar/span-set.ts";
import type { Window } from "#core/calendar/window.ts";
import { lengthOf, type Span } from "#core/span.ts";

/** Something in a calendar that is legal and yet hardly meant, or that cannot be read at all. */
export interface CalendarHint {
  readonly code: CalendarHintCode;
  readonly kind: "window" | "freeze";
  readonly name: string;
  /** What happened, to what, and what to do next. */
  readonly message: string;
}

export type CalendarHintCode =
  | CalendarFault["code"]
  | "never-opens"
  | "never-begins"
  | "never-lifts"
  | "swallowed-by-gap"
  | "too-short"
  | "anchor-off-rule";

export interface CalendarLintQuery {
  readonly windows: readonly Window[];
  readonly freezes: readonly Freeze[];
  /** Zone for rules with `zone: target`. */
  readonly targetZone: string;
  /** What is looked at; a rule that does nothing in it is reported. A year shows every clock change. */
  readonly between: Span;
  /** Openings shorter than this let nothing through (semantics §2.5). */
  readonly shortestUseful: Temporal.Duration;
  /** Whose run takes that long, as a part of a sentence; null where it is only assumed. */
  readonly whose: string | null;
}

/** Gaps named per rule; the rest is said as a number. */
const maxGapsNamed = 3;

/** Everything odd about windows and freezes within a range, in the order in which they were given. */
export function lintCalendar(query: CalendarLintQuery): readonly CalendarHint[] {
  return [
    ...query.windows.flatMap((window) => hintsOn(query, "window", window)),
    ...query.freezes.flatMap((freeze) => hintsOn(query, "freeze", freeze)),
  ];
}

function hintsOn(
  query: CalendarLintQuery,
  kind: "window" | "freeze",
  { name, rule }: Window | Freeze,
): readonly CalendarHint[] {
  const hint = (code: CalendarHintCode, message: string): CalendarHint => ({
    code,
    kind,
    name,
    message: `${kind} ${name} ${message}`,
  });
  const fault = faultOf(rule, query.targetZone);
  if (fault !== null) return [hint(fault.code, `closes its scope: ${fault.message}`)];
  const spans = spansOf(kind, rule, query.targetZone, query.between);
  if (!spans.ok) return [hint(spans.error.code, `closes its scope: ${spans.error.message}`)];
  const found = [...anchorHints(rule, hint), ...gapHints(query, kind, rule, hint)];
  if (isEmpty(spans.value)) {
    const range = `between ${query.between.from.toString()} and ${query.between.to.toString()}`;
    if (kind === "window")
      found.push(hint("never-opens", `never opens ${range}; check its recurrence and its exdates`));
    else found.push(hint("never-begins", `never begins ${range}; check its recurrence, or delete it`));
  }
  const open = spansIn(spans.value);
  if (kind === "freeze" && open.some((span) => covers(span, query.between))) {
    found.push(
      hint(
        "never-lifts",
        `never lifts before ${query.between.to.toString()}; give it an end, or shorten its occurrences`,
      ),
    );
  }
  if (kind === "window") found.push(...shortHints(query, open, hint));
  return found;
}

type Hint = (code: CalendarHintCode, message: string) => CalendarHint;

function covers(span: Span, range: Span): boolean {
  return Temporal.Instant.compare(span.from, range.from) <= 0 && Temporal.Instant.compare(span.to, range.to) >= 0;
}

/** RFC 5545 leaves open what an anchor outside its own rule means; here it is no occurrence. */
function anchorHints(rule: LocalRule, hint: Hint): CalendarHint[] {
  if (rule.rrule === null) return [];
  const series = seriesOfRule(rule);
  const anchor = toLocalMs(rule.start);
  const first = series.ok ? series.value.next(anchor) : null;
  if (first === null || !first.ok || first.value === anchor || first.value === null) return [];
  const next = fromLocalMs(first.value).toString({ smallestUnit: "minute" });
  const start = rule.start.toString({ smallestUnit: "minute" });
  return [
    hint(
      "anchor-off-rule",
      `starts at ${start}, which its own recurrence does not give; the first occurrence is ${next}`,
    ),
  ];
}

function gapHints(query: CalendarLintQuery, kind: "window" | "freeze", rule: LocalRule, hint: Hint): CalendarHint[] {
  const occurrences = occurrencesOf(kind, rule, query.targetZone, query.between);
  if (!occurrences.ok) return [];
  const swallowed = occurrences.value.filter(({ startMs, endMs }) => endMs === startMs);
  if (swallowed.length === 0) return [];
  const named = swallowed
    .slice(0, maxGapsNamed)
    .map(({ localMs }) => fromLocalMs(localMs).toString({ smallestUnit: "minute" }));
  const more = swallowed.length > maxGapsNamed ? ` and ${swallowed.length - maxGapsNamed} more` : "";
  return [
    hint(
      "swallowed-by-gap",
      `does not happen on ${named.join(", ")}${more}: the clock jumps over all of it; move it out of that hour`,
    ),
  ];
}

/** Spans that the range cuts off are left out: their true length is not seen. */
function shortHints(query: CalendarLintQuery, open: readonly Span[], hint: Hint): CalendarHint[] {
  const whole = open.filter(
    ({ from, to }) => !from.equals(query.between.from) && !to.equals(instantOf(query.between.to.epochMilliseconds)),
  );
  const short = whole.filter((span) => Temporal.Duration.compare(lengthOf(span), query.shortestUseful) < 0);
  const first = short[0];
  if (first === undefined) return [];
  const length = lengthOf(first).round({ largestUnit: "hours" }).toString();
  const often = short.length === 1 ? "once" : `${short.length} times`;
  return [
    hint(
      "too-short",
      `opens ${often} for less than ${query.shortestUseful.toString()}${query.whose === null ? "" : `, ${query.whose}`}, first at ${first.from.toString()} for ${length}`,
    ),
  ];
}
