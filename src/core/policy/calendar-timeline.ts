import { instantOf, isMsIn, msOf, type SpanSet } from "#core/calendar/span-set.ts";
import type { RuleFault } from "#core/calendar/timetable.ts";
import type { Judgement, JudgementTimeline } from "#core/policy/finding.ts";
import { momentsWithin } from "#core/policy/moments.ts";
import { refuse } from "#core/policy/rule.ts";
import { always } from "#core/policy/timeline.ts";
import type { Span } from "#core/span.ts";

/** One judgement for each stretch in which none of the sets changes. */
export function timelineOver(
  sets: readonly SpanSet[],
  between: Span,
  judgeAt: (moment: Temporal.Instant) => Judgement,
): JudgementTimeline {
  const borders = new Set(sets.flatMap((set) => set.borders));
  const moments = momentsWithin([...borders].map(instantOf), between.from, between.to);
  return [
    { from: between.from, value: judgeAt(between.from) },
    ...moments.map((from) => ({ from, value: judgeAt(from) })),
  ];
}

/**
 * Changes of open time that one verdict follows. An hourly window makes 2,880 in the 60 days of a verdict, a hundred
 * daily freezes make 12,000; at this many a verdict takes about half a second, and more would hold up everybody's.
 */
export const maxCalendarChanges = 20_000;

/** Closed as a whole when the sets change so often that following them would hold up everybody's verdicts; else null. */
export function restless(at: Temporal.Instant, sets: readonly SpanSet[]): JudgementTimeline | null {
  const changes = new Set(sets.flatMap(({ borders }) => borders));
  if (changes.size <= maxCalendarChanges) return null;
  const sentence = `Closed, because the calendar changes more than ${maxCalendarChanges} times before the horizon.`;
  const what = "Let windows and freezes recur less often: the whole calendar of a scope at most some 160 times a day.";
  return always(
    at,
    refuse("deny", "calendar-unreadable", sentence, [{ kind: "change", who: "owner of the calendar", what }]),
  );
}

/** The first instant after `moment` at which the set ends or begins; null when that lies behind the horizon. */
export function nextBorder(set: SpanSet, moment: Temporal.Instant, horizon: Temporal.Instant): Temporal.Instant | null {
  const ms = msOf(moment);
  let low = 0;
  let high = set.borders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((set.borders[middle] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  const border = set.borders[low];
  return border === undefined || border >= msOf(horizon) ? null : instantOf(border);
}

export function covers(set: SpanSet, moment: Temporal.Instant): boolean {
  return isMsIn(set, msOf(moment));
}

/** A rule of the calendar that cannot be read closes its scope (semantics §2.1): never open by accident. */
export function unreadable(at: Temporal.Instant, faults: readonly RuleFault[]): JudgementTimeline {
  const sentence = `Closed, because the calendar cannot be read: ${faults.map(({ message }) => message).join("; ")}.`;
  const remedies = faults.map(
    ({ kind, name }) =>
      ({ kind: "change", who: `owner of the ${kind} ${name}`, what: `Correct the ${kind} ${name}.` }) as const,
  );
  return always(at, refuse("deny", "calendar-unreadable", sentence, remedies));
}

/** What the rules of time say while service or environment is unknown: no scope can be matched. */
export function scopeUnknown(at: Temporal.Instant): JudgementTimeline {
  const sentence = "Which windows and freezes apply cannot be said while service or environment is unknown.";
  return always(at, refuse("unknown", "scope-unknown", sentence, []));
}
