import type { Finding, Judgement, JudgementTimeline, Remedy } from "#core/policy/finding.ts";
import { firstFit, isPass, jointTime } from "#core/policy/joint.ts";
import { pass } from "#core/policy/rule.ts";
import { sayInstant } from "#core/policy/say.ts";
import { valueAt } from "#core/policy/timeline.ts";
import type { Counterfactual } from "#core/policy/verdict.ts";
import type { Span } from "#core/span.ts";

/** A verdict lists no more ways out than this. */
export const maxCounterfactuals = 16;
/** Of more blocking rules than this only the first are combined: the number of sets doubles with each. */
export const maxCombinedRules = 8;

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

/**
 * The minimal sets of remedies after which the verdict would be `allow`, with the opening each gives (semantics §3.4).
 * Every blocking rule is either remedied by somebody or waited for; a set is listed unless fewer deeds open as early.
 * In order of the number of deeds, then of the opening; at most `maxCounterfactuals`.
 */
export function counterfactualsOf(judged: Judged): readonly Counterfactual[] {
  const blocking = judged.findings.flatMap((finding, index) => (isBlocking(finding) ? [index] : []));
  const remediable = blocking.filter((index) => deeds(judged.findings[index]).length > 0).slice(0, maxCombinedRules);
  const kept: Candidate[] = [];
  for (const chosen of subsetsBySize(remediable)) {
    const opensAt = openingAfter(judged, new Set(chosen));
    if (opensAt === null) continue;
    if (!kept.some((other) => isContained(other.chosen, chosen) && !isLater(other.opensAt, opensAt))) {
      kept.push({ chosen, opensAt });
    }
  }
  kept.sort((a, b) => a.chosen.length - b.chosen.length || Temporal.Instant.compare(a.opensAt, b.opensAt));
  return kept.slice(0, maxCounterfactuals).map((candidate) => toCounterfactual(judged, blocking, candidate));
}

interface Candidate {
  /** Indexes of the rules that somebody remedies; the other blocking rules are waited for. */
  readonly chosen: readonly number[];
  readonly opensAt: Temporal.Instant;
}

function isBlocking(finding: Finding): boolean {
  return finding.outcome !== "pass" && finding.outcome !== "not-applicable";
}

function deeds(finding: Finding | undefined): readonly Remedy[] {
  return finding === undefined ? [] : finding.remedies.filter((remedy) => remedy.kind !== "wait");
}

/** All subsets, the empty one first, then by size: a subset is always seen before what contains it. */
function subsetsBySize(items: readonly number[]): readonly (readonly number[])[] {
  let subsets: (readonly number[])[] = [[]];
  for (const item of items) subsets = [...subsets, ...subsets.map((subset) => [...subset, item])];
  return subsets.sort((a, b) => a.length - b.length);
}

function isContained(small: readonly number[], large: readonly number[]): boolean {
  return small.every((item) => large.includes(item));
}

function isLater(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) > 0;
}

function openingAfter(judged: Judged, chosen: ReadonlySet<number>): Temporal.Instant | null {
  const timelines = judged.timelines.map((timeline, index) =>
    chosen.has(index) ? remedied(timeline, judged.span.from) : timeline,
  );
  const joint = jointTime(timelines, judged.span);
  return firstFit(joint, judged.span.from, judged.neededMs, judged.horizon);
}

const done = pass("remedied", "Remedied.");

/**
 * The timeline as it would be once the remedies of its finding at `at` are carried out: every segment that asks for
 * nothing beyond them passes. What asks for more, such as a second freeze next week, stays as it is.
 */
function remedied(timeline: JudgementTimeline, at: Temporal.Instant): JudgementTimeline {
  const carriedOut = new Set(deedsOf(valueAt(timeline, at)).map(remedyKey));
  const [first, ...rest] = timeline;
  const apply = (judgement: Judgement): Judgement => {
    if (isPass(judgement)) return judgement;
    const asked = deedsOf(judgement);
    return asked.length > 0 && asked.every((remedy) => carriedOut.has(remedyKey(remedy))) ? done : judgement;
  };
  return [
    { from: first.from, value: apply(first.value) },
    ...rest.map(({ from, value }) => ({ from, value: apply(value) })),
  ];
}

function deedsOf(judgement: Judgement): readonly Remedy[] {
  return "remedies" in judgement ? judgement.remedies.filter((remedy) => remedy.kind !== "wait") : [];
}

function remedyKey(remedy: Remedy): string {
  return `${remedy.kind}\n${remedy.who}\n${remedy.what}`;
}

function toCounterfactual(judged: Judged, blocking: readonly number[], candidate: Candidate): Counterfactual {
  const remedies: { rule: string; remedy: Remedy }[] = [];
  let isWaitedFor = false;
  for (const index of blocking) {
    const finding = judged.findings[index];
    if (finding === undefined) continue;
    if (candidate.chosen.includes(index)) {
      for (const remedy of deeds(finding)) remedies.push({ rule: finding.rule, remedy });
    } else if (!isWaitedFor) {
      // One wait serves every rule that is waited for: a second one could be left out of the set.
      isWaitedFor = true;
      remedies.push({ rule: finding.rule, remedy: waitUntil(candidate.opensAt, judged.zone) });
    }
  }
  return { remedies, opensAt: candidate.opensAt };
}

function waitUntil(opensAt: Temporal.Instant, zone: string | null): Remedy {
  return { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(opensAt, zone)}.` };
}
