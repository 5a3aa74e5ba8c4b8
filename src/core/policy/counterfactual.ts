import type { Finding, Remedy } from "#core/policy/finding.ts";
import { firstStartAfter, never, slotsOf, type Needs, type NeedsOf } from "#core/policy/joint.ts";
import { sayInstant } from "#core/policy/say.ts";
import { placeAt, type JudgementTimeline } from "#core/policy/timeline.ts";
import type { Counterfactual } from "#core/policy/verdict.ts";
import type { Span } from "#core/span.ts";

/** A verdict lists no more ways out than this. */
export const maxCounterfactuals = 16;
/** Of more deeds than this only the first are combined: the number of sets doubles with each. */
export const maxCombinedDeeds = 8;

export interface Judged {
  readonly findings: readonly Finding[];
  /** One per finding, in the same order. */
  readonly timelines: readonly JudgementTimeline[];
  /** From the instant of the verdict to the horizon. */
  readonly span: Span;
  readonly neededMs: number;
  /** Zone of the environment, for the sentences; null when the environment is not known. */
  readonly zone: string | null;
}

/** Something that somebody can do about the finding of a rule; waiting is no deed. Its place in the list is its bit. */
interface Deed {
  /** Place of the rule among the findings. */
  readonly place: number;
  readonly remedy: Remedy;
}

interface Candidate {
  readonly deeds: Needs;
  readonly opensMs: number;
}

/**
 * The minimal sets of remedies after which the verdict would be `allow`, with the opening each gives (semantics §3.4):
 * deeds of somebody, and a wait where it opens later than at once. A set is listed unless fewer of its deeds open as
 * early. In order of the number of deeds, then of the opening; at most `maxCounterfactuals`.
 *
 * Each slot of the horizon holds the deeds that it asks for as bits; applying a set is taking its bits away. What asks
 * for more than the deeds named today, such as a second freeze next week, stays as it is.
 */
export function counterfactualsOf(judged: Judged): readonly Counterfactual[] {
  const deeds = deedsIn(judged.findings).slice(0, maxCombinedDeeds);
  const needsOf = needsByDeeds(judged.timelines, deeds);
  const slots = slotsOf(judged.timelines, judged.span, needsOf);
  const atMs = judged.span.from.epochMilliseconds;
  const kept: Candidate[] = [];
  for (const chosen of setsBySize(deeds.length)) {
    const fewer = kept.filter((other) => (other.deeds & ~chosen) === 0);
    // Nothing opens earlier than at once: more deeds on top of such a set are superfluous.
    if (fewer.some(({ opensMs }) => opensMs === atMs)) continue;
    const opensMs = firstStartAfter(slots, chosen, judged.neededMs);
    if (opensMs === null || fewer.some((other) => other.opensMs <= opensMs)) continue;
    kept.push({ deeds: chosen, opensMs });
  }
  kept.sort((a, b) => bitCount(a.deeds) - bitCount(b.deeds) || a.opensMs - b.opensMs);
  return kept.slice(0, maxCounterfactuals).map((candidate) => toCounterfactual(judged, deeds, needsOf, candidate));
}

/** What one rule asks for twice is one deed. */
function deedsIn(findings: readonly Finding[]): readonly Deed[] {
  const deeds: Deed[] = [];
  for (let place = 0; place < findings.length; place++) {
    for (const remedy of findings[place]?.remedies ?? []) {
      if (remedy.kind !== "wait" && bitOf(deeds, place, remedy) === 0) deeds.push({ place, remedy });
    }
  }
  return deeds;
}

/** The bit of a deed of a rule; 0 when it is none of them. */
function bitOf(deeds: readonly Deed[], place: number, remedy: Remedy): Needs {
  for (let bit = 0; bit < deeds.length; bit++) {
    const deed = deeds[bit];
    if (deed === undefined || deed.place !== place) continue;
    const { kind, who, what } = deed.remedy;
    if (kind === remedy.kind && who === remedy.who && what === remedy.what) return 1 << bit;
  }
  return 0;
}

/** A segment stands for all of its rule with the same stance, so only one of them is judged. */
function needsByDeeds(timelines: readonly JudgementTimeline[], deeds: readonly Deed[]): NeedsOf {
  const known = new Map(deeds.map(({ place }) => [place, new Map<number, Needs>()]));
  return (place, stance, segment) => {
    const byStance = known.get(place);
    if (byStance === undefined) return never;
    const needs = byStance.get(stance) ?? neededIn(timelines[place], segment, place, deeds);
    byStance.set(stance, needs);
    return needs;
  };
}

function neededIn(
  timeline: JudgementTimeline | undefined,
  segment: number,
  place: number,
  deeds: readonly Deed[],
): Needs {
  const judgement = timeline?.judgementOf(segment);
  if (judgement === undefined || !("remedies" in judgement)) return never;
  let needs: Needs = 0;
  for (const remedy of judgement.remedies) {
    if (remedy.kind !== "wait") needs |= bitOf(deeds, place, remedy) || never;
  }
  return needs === 0 ? never : needs;
}

/** All sets of so many deeds, the empty one first, then by size: a set is always seen before what contains it. */
function setsBySize(count: number): readonly Needs[] {
  const known = orders[count];
  if (known !== undefined) return known;
  const sets = Array.from({ length: 1 << count }, (_, set) => set);
  sets.sort((a, b) => bitCount(a) - bitCount(b) || a - b);
  orders[count] = sets;
  return sets;
}

/** By the number of deeds, of which there are at most `maxCombinedDeeds`. */
const orders: (readonly Needs[] | undefined)[] = [];

function bitCount(set: Needs): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** In the order of the rules. One wait serves every rule that is waited for. */
function toCounterfactual(
  judged: Judged,
  deeds: readonly Deed[],
  needsOf: NeedsOf,
  { deeds: chosen, opensMs }: Candidate,
): Counterfactual {
  const steps = deeds.filter((_, bit) => (chosen & (1 << bit)) !== 0).map(({ place, remedy }) => ({ place, remedy }));
  if (opensMs <= judged.span.from.epochMilliseconds) {
    return { remedies: namedByRule(judged, steps), opensAt: judged.span.from };
  }
  const opensAt = Temporal.Instant.fromEpochMilliseconds(opensMs);
  const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(opensAt, judged.zone)}.` };
  steps.push({ place: firstWaitedFor(judged, needsOf, chosen), remedy: wait });
  steps.sort((a, b) => a.place - b.place);
  return { remedies: namedByRule(judged, steps), opensAt };
}

function namedByRule({ findings }: Judged, steps: readonly Deed[]): Counterfactual["remedies"] {
  return steps.map(({ place, remedy }) => ({ rule: findings[place]?.rule ?? "", remedy }));
}

/** The first rule that still stands in the way after the deeds; the first that stood in the way if none does. */
function firstWaitedFor({ timelines, span }: Judged, needsOf: NeedsOf, chosen: Needs): number {
  const fromMs = span.from.epochMilliseconds;
  let blocking: number | null = null;
  for (let place = 0; place < timelines.length; place++) {
    const timeline = timelines[place];
    if (timeline === undefined) continue;
    const segment = placeAt(timeline.borders, fromMs);
    const stance = timeline.stanceOf(segment);
    if (stance === 0) continue;
    blocking ??= place;
    if ((needsOf(place, stance, segment) & ~chosen) !== 0) return place;
  }
  return blocking ?? 0;
}
