import { doesNotFit, type Judgement, type JudgementTimeline } from "#core/policy/finding.ts";
import { spansWhere } from "#core/policy/timeline.ts";
import type { Span } from "#core/span.ts";

/** True when the judgement lets the subject go. */
export function isPass(judgement: Judgement): boolean {
  return judgement.outcome === "pass" || judgement.outcome === "not-applicable";
}

/** True when nothing but the length of the run is in the way: the instant belongs to an opening. */
function isOpen(judgement: Judgement): boolean {
  return isPass(judgement) || judgement.code === doesNotFit;
}

/** When all rules let the subject go together. */
export interface JointTime {
  /** The openings: all rules pass, or only the rest of the opening is too short. */
  readonly openings: readonly Span[];
  /** The instants at which a run may start. */
  readonly starts: readonly Span[];
}

/** Intersects the rules' own answers: the joint opening is not the earliest of the single ones (semantics §3.3). */
export function jointTime(timelines: readonly JudgementTimeline[], span: Span): JointTime {
  return {
    openings: together(timelines, span, isOpen),
    starts: together(timelines, span, isPass),
  };
}

/** What one rule leaves open, for intersecting it many times. */
export function ownTime(timeline: JudgementTimeline, horizon: Temporal.Instant): JointTime {
  return { openings: spansWhere(timeline, horizon, isOpen), starts: spansWhere(timeline, horizon, isPass) };
}

export function intersectTimes(a: JointTime, b: JointTime): JointTime {
  const starts = intersection(a.starts, b.starts);
  // Without a start nobody asks for the openings.
  return starts.length === 0 ? noTime : { openings: intersection(a.openings, b.openings), starts };
}

const noTime: JointTime = { openings: [], starts: [] };

function together(
  timelines: readonly JudgementTimeline[],
  span: Span,
  holds: (judgement: Judgement) => boolean,
): readonly Span[] {
  let joint: readonly Span[] = [span];
  for (const timeline of timelines) {
    if (joint.length === 0) return joint;
    joint = intersection(joint, spansWhere(timeline, span.to, holds));
  }
  return joint;
}

/** Both lists in order and without overlap; so is the result. Linear in their lengths. */
export function intersection(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  let i = 0;
  let j = 0;
  for (let x = a[i], y = b[j]; x !== undefined && y !== undefined; x = a[i], y = b[j]) {
    const from = Temporal.Instant.compare(x.from, y.from) >= 0 ? x.from : y.from;
    const xEndsFirst = Temporal.Instant.compare(x.to, y.to) <= 0;
    const to = xEndsFirst ? x.to : y.to;
    if (Temporal.Instant.compare(from, to) < 0) result.push({ from, to });
    if (xEndsFirst) i++;
    else j++;
  }
  return result;
}

/**
 * The first instant at or after `at` at which a run may start and the opening around it lasts for `neededMs` more. An
 * opening that reaches the horizon is taken to go on: what lies behind the horizon is not known to be closed.
 */
export function firstFit(
  joint: JointTime,
  at: Temporal.Instant,
  neededMs: number,
  horizon: Temporal.Instant,
): Temporal.Instant | null {
  let k = 0;
  for (const start of joint.starts) {
    if (Temporal.Instant.compare(start.to, at) <= 0) continue;
    const from = Temporal.Instant.compare(start.from, at) >= 0 ? start.from : at;
    let opening = joint.openings[k];
    while (opening !== undefined && Temporal.Instant.compare(opening.to, from) <= 0) opening = joint.openings[++k];
    if (opening === undefined) return null;
    const goesOn = Temporal.Instant.compare(opening.to, horizon) >= 0;
    if (goesOn || opening.to.epochMilliseconds - from.epochMilliseconds >= neededMs) return from;
  }
  return null;
}
