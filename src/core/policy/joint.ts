import { placeAt, type JudgementTimeline, type Stance } from "#core/policy/timeline.ts";
import type { Span } from "#core/span.ts";

/**
 * What stands between a segment and a start, as bits: one for each deed that would have to be done, or `never`. 0:
 * nothing does.
 */
export type Needs = number;
/** No deed helps. Deeds have the bits below it. */
export const never: Needs = 1 << 30;

/** What a segment of the timeline at a place, of this stance, needs before a run may start in it. */
export type NeedsOf = (timeline: number, stance: Stance, segment: number) => Needs;

/**
 * The horizon in slots in which no rule changes its mind, made one after the other as far as somebody asks: a start at
 * once costs one slot, however often the calendar changes.
 */
export interface Slots {
  /** Epoch ms at which the slots made so far begin; the first at the instant judged. */
  readonly fromMs: readonly number[];
  /** What a start in each slot needs. */
  readonly starts: readonly Needs[];
  /** What each slot needs to belong to an opening: what is merely too short does. */
  readonly opens: readonly Needs[];
  /** What every slot needs to belong to an opening, as long as the horizon lasts. */
  readonly throughout: Needs;
  readonly endMs: number;
  /** Makes one more; false when the horizon has ended. */
  readonly extend: () => boolean;
}

/** A timeline that changes within the span, and where the sweep is in it. */
interface Moving {
  readonly place: number;
  readonly timeline: JudgementTimeline;
  segment: number;
  nextMs: number;
  starts: Needs;
  opens: Needs;
}

export function slotsOf(timelines: readonly JudgementTimeline[], span: Span, needsOf: NeedsOf): Slots {
  const atMs = span.from.epochMilliseconds;
  const endMs = span.to.epochMilliseconds;
  let still: Needs = 0;
  let throughout: Needs = 0;
  const moving: Moving[] = [];
  for (let place = 0; place < timelines.length; place++) {
    const timeline = timelines[place];
    if (timeline === undefined) continue;
    const segment = placeAt(timeline.borders, atMs);
    const stance = timeline.stanceOf(segment);
    const starts = stance === 0 ? 0 : needsOf(place, stance, segment);
    const opens = stance < 0 ? 0 : starts;
    const nextMs = timeline.borders[segment + 1] ?? endMs;
    if (nextMs < endMs) moving.push({ place, timeline, segment, nextMs, starts, opens });
    else {
      still |= starts;
      throughout |= opens;
    }
  }
  const fromMs: number[] = [];
  const starts: Needs[] = [];
  const opens: Needs[] = [];
  let nextMs = atMs;
  const extend = (): boolean => {
    if (nextMs >= endMs) return false;
    const hereMs = nextMs;
    let start = still;
    let open = throughout;
    nextMs = endMs;
    for (const one of moving) {
      if (one.nextMs === hereMs) {
        one.segment += 1;
        enter(one, endMs, needsOf);
      }
      start |= one.starts;
      open |= one.opens;
      if (one.nextMs < nextMs) nextMs = one.nextMs;
    }
    fromMs.push(hereMs);
    starts.push(start);
    opens.push(open);
    return true;
  };
  return { fromMs, starts, opens, throughout, endMs, extend };
}

function enter(one: Moving, endMs: number, needsOf: NeedsOf): void {
  one.nextMs = one.timeline.borders[one.segment + 1] ?? endMs;
  const stance = one.timeline.stanceOf(one.segment);
  one.starts = stance === 0 ? 0 : needsOf(one.place, stance, one.segment);
  one.opens = stance < 0 ? 0 : one.starts;
}

/** An opening that lasts long enough, with its first start. In epoch ms; half-open. */
export interface Opening {
  readonly fromMs: number;
  readonly toMs: number;
  readonly startMs: number;
}

/**
 * The first openings after these deeds in which a run of `neededMs` may start: all rules pass at the start, and the
 * opening around it lasts for so long (semantics §3.3: not the earliest of the single answers). An opening that reaches
 * the horizon is taken to go on: what lies behind it is not known to be closed.
 */
export function openingsAfter(slots: Slots, deeds: Needs, neededMs: number, limit: number): readonly Opening[] {
  const found: Opening[] = [];
  if ((slots.throughout & ~deeds) !== 0) return found;
  let fromMs = noTime;
  let startMs = noTime;
  for (let k = 0; has(slots, k); k++) {
    const hereMs = slots.fromMs[k] ?? slots.endMs;
    if (((slots.opens[k] ?? never) & ~deeds) === 0) {
      if (fromMs === noTime) fromMs = hereMs;
      if (startMs === noTime && ((slots.starts[k] ?? never) & ~deeds) === 0) startMs = hereMs;
      continue;
    }
    if (startMs !== noTime && hereMs - startMs >= neededMs) {
      found.push({ fromMs, toMs: hereMs, startMs });
      if (found.length === limit) return found;
    }
    fromMs = noTime;
    startMs = noTime;
  }
  if (startMs !== noTime) found.push({ fromMs, toMs: slots.endMs, startMs });
  return found;
}

/** The start of the first of `openingsAfter` in epoch ms, looking no further than it must; null when there is none. */
export function firstStartAfter(slots: Slots, deeds: Needs, neededMs: number): number | null {
  if ((slots.throughout & ~deeds) !== 0) return null;
  let startMs = noTime;
  for (let k = 0; has(slots, k); k++) {
    const hereMs = slots.fromMs[k] ?? slots.endMs;
    if (startMs !== noTime && hereMs - startMs >= neededMs) return startMs;
    if (((slots.opens[k] ?? never) & ~deeds) !== 0) startMs = noTime;
    else if (startMs === noTime && ((slots.starts[k] ?? never) & ~deeds) === 0) startMs = hereMs;
  }
  return startMs === noTime ? null : startMs;
}

/** No epoch ms: Temporal knows none before it. */
const noTime = Number.NEGATIVE_INFINITY;

function has(slots: Slots, k: number): boolean {
  return k < slots.fromMs.length || slots.extend();
}
