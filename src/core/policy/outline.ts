import { withDeviations } from "#core/exemption/deviation.ts";
import type { Facts } from "#core/policy/facts.ts";
import { doesNotFit, type Judgement } from "#core/policy/finding.ts";
import type { Rule } from "#core/policy/rule.ts";
import { isPass, placeAt, type JudgementTimeline } from "#core/policy/timeline.ts";
import { isBefore, type Span } from "#core/span.ts";

/** How a stretch stands to a start, from the weakest to the strongest. `too-short`: open, but a run no longer fits. */
export const courses = ["passes", "too-short", "waits", "stops"] as const;
export type Course = (typeof courses)[number];

/** A rule is drawn with no more stretches than this; a picture of more says nothing to a person. */
export const maxStretches = 120;

export interface Stretch {
  readonly span: Span;
  readonly course: Course;
  /** What the rule says there. */
  readonly sentence: string;
}

export interface Lane {
  readonly rule: string;
  readonly ruleVersion: string;
  readonly stretches: readonly Stretch[];
  /** Where the lane was cut, because it has more stretches than `maxStretches`; null: it is whole. */
  readonly cutAt: Temporal.Instant | null;
}

export interface Outline {
  /** What was looked at: no further than the horizon of the facts. */
  readonly span: Span;
  /** In the order of the rules. */
  readonly lanes: readonly Lane[];
  /** All rules together: where the strongest of them changes. Ends where the first lane was cut. */
  readonly joint: readonly Omit<Stretch, "sentence">[];
}

/**
 * How each rule stands over `[facts.at, to)`, and all of them together: what the verdict is made of, as stretches for a
 * picture. It decides nothing; a rule that throws stops throughout, as in `evaluate`.
 */
export function outline(rules: readonly Rule[], facts: Facts, to: Temporal.Instant): Outline {
  const span = { from: facts.at, to: isBefore(to, facts.horizon) ? to : facts.horizon };
  const lanes = rules.map((rule) => laneOf(rule, facts, span));
  return { span, lanes, joint: jointOf(lanes, span) };
}

function laneOf(rule: Rule, facts: Facts, span: Span): Lane {
  const named = { rule: rule.id, ruleVersion: rule.version };
  try {
    return { ...named, ...drawn(withDeviations(rule, rule.judge(facts), facts), span) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const sentence = `The rule ${rule.id} could not judge, so nothing may go: ${why}.`;
    return { ...named, stretches: [{ span, course: "stops", sentence }], cutAt: null };
  }
}

/** Neighbours that say the same are one stretch. */
function drawn({ borders, judgementOf }: JudgementTimeline, span: Span): Pick<Lane, "stretches" | "cutAt"> {
  const endMs = span.to.epochMilliseconds;
  const stretches: Stretch[] = [];
  for (let place = placeAt(borders, span.from.epochMilliseconds); place < borders.length; place++) {
    const fromMs = borders[place] ?? endMs;
    if (fromMs >= endMs) break;
    const judgement = judgementOf(place);
    const course = courseOf(judgement);
    const last = stretches.at(-1);
    const from = last === undefined ? span.from : Temporal.Instant.fromEpochMilliseconds(fromMs);
    const nextMs = borders[place + 1] ?? endMs;
    const to = nextMs >= endMs ? span.to : Temporal.Instant.fromEpochMilliseconds(nextMs);
    if (last !== undefined && last.course === course && last.sentence === judgement.sentence) {
      stretches[stretches.length - 1] = { ...last, span: { from: last.span.from, to } };
      continue;
    }
    if (stretches.length === maxStretches) return { stretches, cutAt: from };
    stretches.push({ span: { from, to }, course, sentence: judgement.sentence });
  }
  return { stretches, cutAt: null };
}

function courseOf(judgement: Judgement): Course {
  if (isPass(judgement)) return "passes";
  if (judgement.code === doesNotFit) return "too-short";
  return judgement.outcome === "wait" ? "waits" : "stops";
}

function jointOf(lanes: readonly Lane[], span: Span): Outline["joint"] {
  const endMs = Math.min(
    span.to.epochMilliseconds,
    ...lanes.map(({ cutAt }) => cutAt?.epochMilliseconds ?? span.to.epochMilliseconds),
  );
  const moments = new Set(lanes.flatMap(({ stretches }) => stretches.map((one) => one.span.from.epochMilliseconds)));
  const borders = [...moments].filter((ms) => ms < endMs).sort((a, b) => a - b);
  const joint: { span: Span; course: Course }[] = [];
  for (const [place, ms] of borders.entries()) {
    const nextMs = borders[place + 1] ?? endMs;
    const course = strongestAt(lanes, ms);
    const from = place === 0 ? span.from : Temporal.Instant.fromEpochMilliseconds(ms);
    const to = nextMs >= span.to.epochMilliseconds ? span.to : Temporal.Instant.fromEpochMilliseconds(nextMs);
    const last = joint.at(-1);
    if (last?.course === course) last.span = { from: last.span.from, to };
    else joint.push({ span: { from, to }, course });
  }
  return joint;
}

function strongestAt(lanes: readonly Lane[], ms: number): Course {
  let strongest = 0;
  for (const { stretches } of lanes) {
    const borders = stretches.map(({ span }) => span.from.epochMilliseconds);
    const course = stretches[Math.max(0, placeAt(borders, ms))]?.course ?? "stops";
    strongest = Math.max(strongest, courses.indexOf(course));
  }
  return courses[strongest] ?? "stops";
}
