import { doesNotFit, type Judgement } from "#core/policy/finding.ts";
import { rememberLast } from "#core/policy/remember-last.ts";

/**
 * How a segment stands to a start, as a number: 0 it passes; negative: open, but what is left is too short
 * (`doesNotFit`); positive: it stops. Segments of one timeline with equal stances ask for the same deeds (remedies other
 * than waiting), so that one of them speaks for all.
 */
export type Stance = number;
export const passes: Stance = 0;
export const tooShort: Stance = -1;
export const stops: Stance = 1;

/**
 * What a rule says over `[at, horizon)`, piecewise constant (semantics §3.3) and lazy: when it changes and how each
 * segment stands is known as numbers, the judgement with its sentence is made for those segments that are asked for.
 * Rules make it by `always`, `timelineOver` and `timelineOfMoments`, never by hand.
 */
export interface JudgementTimeline {
  /**
   * Epoch ms at which the segments begin, rising; the first at or before the start of the horizon. Each lasts until the
   * next begins and the last until the horizon ends.
   */
  readonly borders: readonly number[];
  /** Of the segment at this place. May throw where the rule does. */
  readonly stanceOf: (place: number) => Stance;
  /** Of the segment at this place, made once. May throw where the rule does. */
  readonly judgementOf: (place: number) => Judgement;
  /** Of `always`: it is one segment, its judgement is made, and nothing that is asked of it throws. */
  readonly isSettled?: true;
}

/** The same judgement over the whole horizon. */
export function always(from: Temporal.Instant, judgement: Judgement): JudgementTimeline {
  const stance = stanceOfJudgement(judgement, 0);
  return { borders: begunAt(from), stanceOf: () => stance, judgementOf: () => judgement, isSettled: true };
}

/** The borders of one segment; the rules of one verdict have them in common. */
export const begunAt = rememberLast((from: Temporal.Instant): readonly number[] => [from.epochMilliseconds]);

export interface Segments {
  /** Epoch ms; as `JudgementTimeline.borders`. */
  readonly borders: readonly number[];
  readonly judge: (place: number) => Judgement;
  /** Without it every segment is judged as soon as somebody asks how it stands, and stands for itself. */
  readonly stance?: ((place: number) => Stance) | undefined;
}

/** For the helpers that rules call: a timeline that remembers what it has been asked. */
export function lazyTimeline({ borders, judge, stance }: Segments): JudgementTimeline {
  const judged: (Judgement | undefined)[] = [];
  const stances: (Stance | undefined)[] = [];
  const judgementOf = (place: number): Judgement => {
    const known = judged[place];
    if (known !== undefined) return known;
    const made = judge(place);
    judged[place] = made;
    return made;
  };
  const stanceOf = (place: number): Stance => {
    const known = stances[place];
    if (known !== undefined) return known;
    const found = stance === undefined ? stanceOfJudgement(judgementOf(place), place) : stance(place);
    stances[place] = found;
    return found;
  };
  return { borders, stanceOf, judgementOf };
}

/** True when the judgement lets the subject go. */
export function isPass(judgement: Judgement): boolean {
  return judgement.outcome === "pass" || judgement.outcome === "not-applicable";
}

/** The stance of a segment of which nothing but its judgement is known: it asks for deeds of its own. */
function stanceOfJudgement(judgement: Judgement, place: number): Stance {
  if (isPass(judgement)) return passes;
  return judgement.code === doesNotFit ? -1 - place : 1 + place;
}

/** True when a judgement is what its stance promised. */
export function agrees(stance: Stance, judgement: Judgement): boolean {
  if (isPass(judgement)) return stance === passes;
  return judgement.code === doesNotFit ? stance < 0 : stance > 0;
}

/** The place of the segment in force at an instant; -1 before the first. Parts of a ms do not count. */
export function placeAt(borders: readonly number[], atMs: number): number {
  let low = 0;
  let high = borders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((borders[middle] ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The judgement in force at an instant; an instant before the first segment is a bug of the caller. */
export function valueAt(timeline: JudgementTimeline, at: Temporal.Instant): Judgement {
  const place = placeAt(timeline.borders, at.epochMilliseconds);
  if (place < 0) throw new RangeError(`timeline starts after ${at.toString()}`);
  return timeline.judgementOf(place);
}
