import type { Finding, Judgement, JudgementTimeline, Remedy } from "#core/policy/finding.ts";
import { firstFit, intersectTimes, isPass, jointTime, ownTime, type JointTime } from "#core/policy/joint.ts";
import { pass } from "#core/policy/rule.ts";
import { sayInstant } from "#core/policy/say.ts";
import { valueAt } from "#core/policy/timeline.ts";
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
  readonly horizon: Temporal.Instant;
  /** Zone of the environment, for the sentences; null when the environment is not known. */
  readonly zone: string | null;
}

/** Something that somebody can do about the finding of a rule; waiting is no deed. */
interface Deed {
  /** Place of the rule among the findings. */
  readonly place: number;
  readonly remedy: Remedy;
}

interface Candidate {
  readonly deeds: readonly Deed[];
  readonly opensAt: Temporal.Instant;
}

/**
 * The minimal sets of remedies after which the verdict would be `allow`, with the opening each gives (semantics §3.4):
 * deeds of somebody, and a wait where it opens later than at once. A set is listed unless fewer of its deeds open as
 * early. In order of the number of deeds, then of the opening; at most `maxCounterfactuals`.
 */
export function counterfactualsOf(judged: Judged): readonly Counterfactual[] {
  const deeds = deedsIn(judged.findings).slice(0, maxCombinedDeeds);
  const opening = openingAfter(judged, deeds);
  const kept: Candidate[] = [];
  for (const chosen of subsetsBySize(deeds)) {
    const fewer = kept.filter((other) => other.deeds.every((deed) => chosen.includes(deed)));
    // Nothing opens earlier than at once: more deeds on top of such a set are superfluous.
    if (fewer.some(({ opensAt }) => opensAt.equals(judged.span.from))) continue;
    const opensAt = opening(chosen);
    if (opensAt === null || fewer.some((other) => !isLater(other.opensAt, opensAt))) continue;
    kept.push({ deeds: chosen, opensAt });
  }
  kept.sort((a, b) => a.deeds.length - b.deeds.length || Temporal.Instant.compare(a.opensAt, b.opensAt));
  return kept.slice(0, maxCounterfactuals).map((candidate) => toCounterfactual(judged, candidate));
}

function deedsIn(findings: readonly Finding[]): readonly Deed[] {
  return findings.flatMap(({ remedies }, place) =>
    remedies.filter(({ kind }) => kind !== "wait").map((remedy) => ({ place, remedy })),
  );
}

/** All subsets, the empty one first, then by size: a subset is always seen before what contains it. */
function subsetsBySize(items: readonly Deed[]): readonly (readonly Deed[])[] {
  let subsets: (readonly Deed[])[] = [[]];
  for (const item of items) subsets = [...subsets, ...subsets.map((subset) => [...subset, item])];
  return subsets.sort((a, b) => a.length - b.length);
}

function isLater(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) > 0;
}

/**
 * The opening after a set of deeds, as a function. What a rule leaves open after its own deeds is computed once per set
 * of *its* deeds, of which there are few, and only intersected per set of all.
 */
function openingAfter(judged: Judged, deeds: readonly Deed[]): (chosen: readonly Deed[]) => Temporal.Instant | null {
  const places = [...new Set(deeds.map(({ place }) => place))];
  const base = jointTime(
    judged.timelines.filter((_, place) => !places.includes(place)),
    judged.span,
  );
  const memo = new Map<string, JointTime>();
  const timeOf = (place: number, own: readonly string[]): JointTime | null => {
    const key = `${place}\n${own.join("\n\n")}`;
    const known = memo.get(key);
    const timeline = judged.timelines[place];
    if (known !== undefined || timeline === undefined) return known ?? null;
    const time = ownTime(own.length === 0 ? timeline : remedied(timeline, new Set(own)), judged.horizon);
    memo.set(key, time);
    return time;
  };
  return (chosen) => {
    let joint = base;
    for (const place of places) {
      const own = chosen.filter((deed) => deed.place === place).map(({ remedy }) => remedyKey(remedy));
      const time = timeOf(place, own);
      if (time !== null) joint = intersectTimes(joint, time);
      if (joint.starts.length === 0) return null;
    }
    return firstFit(joint, judged.span.from, judged.neededMs, judged.horizon);
  };
}

const done = pass("remedied", "Remedied.");

/**
 * The timeline as it would be once the deeds are done: every segment that asks for nothing beyond them passes. What
 * asks for more, such as a second freeze next week, stays as it is.
 */
function remedied(timeline: JudgementTimeline, doneKeys: ReadonlySet<string>): JudgementTimeline {
  const [first, ...rest] = timeline;
  const apply = (judgement: Judgement): Judgement => {
    if (isPass(judgement) || !("remedies" in judgement)) return judgement;
    const asked = judgement.remedies.filter(({ kind }) => kind !== "wait");
    return asked.length > 0 && asked.every((remedy) => doneKeys.has(remedyKey(remedy))) ? done : judgement;
  };
  return [
    { from: first.from, value: apply(first.value) },
    ...rest.map(({ from, value }) => ({ from, value: apply(value) })),
  ];
}

function remedyKey(remedy: Remedy): string {
  return `${remedy.kind}\n${remedy.who}\n${remedy.what}`;
}

/** In the order of the rules. One wait serves every rule that is waited for. */
function toCounterfactual(judged: Judged, { deeds, opensAt }: Candidate): Counterfactual {
  const steps = deeds.map((deed) => ({ place: deed.place, remedy: deed.remedy }));
  if (isLater(opensAt, judged.span.from)) {
    const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(opensAt, judged.zone)}.` };
    steps.push({ place: firstWaitedFor(judged, deeds), remedy: wait });
  }
  steps.sort((a, b) => a.place - b.place);
  const remedies = steps.map(({ place, remedy }) => ({ rule: judged.findings[place]?.rule ?? "", remedy }));
  return { remedies, opensAt };
}

/** The first rule that still stands in the way after the deeds; the first that stood in the way if none does. */
function firstWaitedFor(judged: Judged, deeds: readonly Deed[]): number {
  const doneKeys = new Set(deeds.map(({ remedy }) => remedyKey(remedy)));
  const stops = (place: number) => {
    const timeline = judged.timelines[place];
    return timeline !== undefined && !isPass(valueAt(remedied(timeline, doneKeys), judged.span.from));
  };
  const places = [...judged.findings.keys()];
  const blocking = places.filter((place) => {
    const timeline = judged.timelines[place];
    return timeline !== undefined && !isPass(valueAt(timeline, judged.span.from));
  });
  return blocking.find(stops) ?? blocking[0] ?? 0;
}
