import { appendSpan, instantOf, isMsIn, msOf, type SpanSet } from "#core/calendar/span-set.ts";
import type { RuleFault } from "#core/calendar/timetable.ts";
import type { Judgement } from "#core/policy/finding.ts";
import { isAfter } from "#core/policy/moments.ts";
import { refuse } from "#core/policy/rule.ts";
import { always, begunAt, lazyTimeline, passes, type JudgementTimeline, type Stance } from "#core/policy/timeline.ts";
import type { Span } from "#core/span.ts";

/**
 * One segment for each stretch in which none of the sets changes. `judgeAt` is called for the segments that somebody
 * asks for, with the instant at which the segment begins. `stanceAt` says in advance, and without a sentence, how a
 * segment that begins at an epoch ms stands: `passes`, `tooShort`, `stops`, or larger numbers where segments that stop
 * ask for different deeds. Give it where there may be many segments; it has to agree with `judgeAt`.
 */
export function timelineOver(
  sets: readonly SpanSet[],
  between: Span,
  judgeAt: (moment: Temporal.Instant) => Judgement,
  stanceAt?: (ms: number) => Stance,
): JudgementTimeline {
  const from = between.from.epochMilliseconds;
  const to = between.to.epochMilliseconds;
  const borders = bordersFrom(between.from, to, sets);
  return lazyTimeline({
    borders,
    judge: (place) => judgeAt(place === 0 ? between.from : instantOf(borders[place] ?? from)),
    stance: stanceAt === undefined ? undefined : (place) => stanceAt(borders[place] ?? from),
  });
}

/**
 * One segment for each stretch between moments, given in any order. Moments outside of the span do not count. As
 * `timelineOver` else. Segments begin at whole milliseconds: one in which something changes within the millisecond
 * passes only if both its ends do.
 */
export function timelineOfMoments(
  moments: readonly Temporal.Instant[],
  between: Span,
  judgeAt: (moment: Temporal.Instant) => Judgement,
  stanceAt?: (ms: number) => Stance,
): JudgementTimeline {
  const { borders, split } = moments.length === 0 ? undivided(between) : wholeBorders(moments, between);
  const beginOf = (place: number): Temporal.Instant =>
    place === 0 ? between.from : instantOf(borders[place] ?? between.from.epochMilliseconds);
  const isSplit = (place: number): boolean => split.has(borders[place] ?? 0);
  return lazyTimeline({
    borders,
    judge: (place) => {
      const judgement = judgeAt(beginOf(place));
      const passesHere = judgement.outcome === "pass" || judgement.outcome === "not-applicable";
      return passesHere && isSplit(place) ? judgeAt(instantOf((borders[place] ?? 0) + 1)) : judgement;
    },
    stance:
      stanceAt === undefined
        ? undefined
        : (place) => {
            const stance = stanceAt(borders[place] ?? 0);
            return stance === passes && isSplit(place) ? stanceAt((borders[place] ?? 0) + 1) : stance;
          },
  });
}

function undivided({ from }: Span): ReturnType<typeof wholeBorders> {
  return { borders: begunAt(from), split: noMs };
}

const noMs: ReadonlySet<number> = new Set();

/** The moments as borders in whole ms, and those of them within whose ms something changes. */
function wholeBorders(
  moments: readonly Temporal.Instant[],
  { from, to }: Span,
): { readonly borders: readonly number[]; readonly split: ReadonlySet<number> } {
  const fromMs = from.epochMilliseconds;
  const toMs = to.epochMilliseconds;
  if (!moments.some((moment) => isAfter(moment, from) && moment.epochMilliseconds < toMs))
    return undivided({ from, to });
  const borders = new Set<number>([fromMs]);
  const split = new Set<number>();
  for (const moment of moments) {
    if (!isAfter(moment, from)) continue;
    const ms = moment.epochMilliseconds;
    if (ms >= toMs) continue;
    borders.add(ms);
    if (moment.epochNanoseconds % 1_000_000n === 0n) continue;
    split.add(ms);
    if (ms + 1 < toMs) borders.add(ms + 1);
  }
  return { borders: [...borders].sort((a, b) => a - b), split };
}

/** The set of instants at which something holds that changes at these moments only. */
export function setWhere(
  moments: readonly Temporal.Instant[],
  between: Span,
  holds: (moment: Temporal.Instant) => boolean,
): SpanSet {
  const { borders, split } = wholeBorders(moments, between);
  const found: number[] = [];
  for (const [place, ms] of borders.entries()) {
    const isHeld = holds(place === 0 ? between.from : instantOf(ms)) && (!split.has(ms) || holds(instantOf(ms + 1)));
    if (isHeld) appendSpan(found, ms, borders[place + 1] ?? between.to.epochMilliseconds);
  }
  return { borders: found };
}

/** The instant, and every border of the sets that lies behind it and before the end, in order and each once. */
function bordersFrom(from: Temporal.Instant, toMs: number, sets: readonly SpanSet[]): readonly number[] {
  const fromMs = from.epochMilliseconds;
  const begun = begunAt(from);
  const later: Stretch[] = [];
  for (const { borders } of sets) {
    const first = firstAfter(borders, fromMs);
    const end = firstAfter(borders, toMs - 1);
    if (first < end) later.push({ borders, first, end });
  }
  return later.length === 0 ? begun : mergeTwo(whole(begun), mergedStretch(later));
}

/** Borders in order, from one place of a list to, not including, another. */
interface Stretch {
  readonly borders: readonly number[];
  readonly first: number;
  readonly end: number;
}

function whole(borders: readonly number[]): Stretch {
  return { borders, first: 0, end: borders.length };
}

/** By halves, so that every border is copied only as often as there are halvings. */
function mergedStretch(stretches: readonly Stretch[]): Stretch {
  const [only] = stretches;
  if (only === undefined) return whole([]);
  if (stretches.length === 1) return only;
  const middle = stretches.length >> 1;
  return whole(mergeTwo(mergedStretch(stretches.slice(0, middle)), mergedStretch(stretches.slice(middle))));
}

/** Each border once, in order. */
function mergeTwo(a: Stretch, b: Stretch): readonly number[] {
  let length = 0;
  let i = a.first;
  let j = b.first;
  while (i < a.end || j < b.end) {
    const x = i < a.end ? (a.borders[i] ?? 0) : Number.POSITIVE_INFINITY;
    const y = j < b.end ? (b.borders[j] ?? 0) : Number.POSITIVE_INFINITY;
    draft[length++] = x < y ? x : y;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return draft.slice(0, length);
}

/** Where borders are written before it is known how many they are; nothing is read that the same call did not write. */
const draft: number[] = [];

function firstAfter(borders: readonly number[], ms: number): number {
  let low = 0;
  let high = borders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((borders[middle] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Changes of open time that one verdict follows. An hourly window makes 2,880 in the 60 days of a verdict, a hundred
 * daily freezes make 12,000; more would hold up everybody's verdicts.
 */
export const maxCalendarChanges = 20_000;

/** Closed as a whole when the sets change so often that following them would hold up everybody's verdicts; else null. */
export function restless(at: Temporal.Instant, sets: readonly SpanSet[]): JudgementTimeline | null {
  const most = sets.reduce((sum, { borders }) => sum + borders.length, 0);
  if (most <= maxCalendarChanges) return null;
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
  const border = set.borders[firstAfter(set.borders, msOf(moment))];
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
