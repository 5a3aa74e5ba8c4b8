import { personResolver } from "#core/approval/persons.ts";
import { isMsIn, type SpanSet } from "#core/calendar/span-set.ts";
import { matchesScope } from "#core/catalog/scope.ts";
import { controlMoments, controlStates, type ControlFacts } from "#core/exemption/control.ts";
import type { Exemption, Override } from "#core/exemption/exemption.ts";
import { setWhere } from "#core/policy/calendar-timeline.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Evidence, Judgement, StoppingPart } from "#core/policy/finding.ts";
import { pass, type Rule } from "#core/policy/rule.ts";
import { sayInstant, sayList } from "#core/policy/say.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import {
  isPass,
  lazyTimeline,
  passes,
  placeAt,
  stops,
  valueAt,
  type JudgementTimeline,
  type Stance,
} from "#core/policy/timeline.ts";
import { makersOf } from "#core/release/artifact.ts";
import { compareInstants } from "#core/span.ts";

export type DeviationFacts = ControlFacts & Pick<Facts, "exemptions" | "overrides">;

/** Kinds of the evidence that names the exemption or the override which let a finding through. */
export const deviationKinds = ["exemption", "override"] as const;

/**
 * The timeline of a rule with what was granted against it (semantics §1): while an exemption or an override that covers
 * the finding is in force it passes, and says what it would have said. What it covers only in part stops for the rest.
 * The timeline itself where nothing was granted against this rule.
 */
export function withDeviations(
  rule: Pick<Rule, "id" | "exemptible" | "overridable">,
  timeline: JudgementTimeline,
  facts: DeviationFacts,
): JudgementTimeline {
  if (facts.exemptions.length === 0 && facts.overrides.length === 0) return timeline;
  const deviations = [...exemptionsFor(rule, facts), ...overridesFor(rule, facts)];
  return deviations.length === 0 ? timeline : deviating(timeline, deviations, facts);
}

interface Deviation {
  readonly id: string;
  readonly kind: (typeof deviationKinds)[number];
  readonly covers: (subject: string | null, code: string) => boolean;
  readonly usable: SpanSet;
  /** In force, and of no use; with the reason. */
  readonly unusable: SpanSet;
  readonly why: (moment: Temporal.Instant) => string;
  /** A part of a sentence: `allowed by EX-12 (...) until ...`. */
  readonly said: string;
  readonly evidence: Evidence;
}

function deviating(
  timeline: JudgementTimeline,
  deviations: readonly Deviation[],
  { at, horizon }: DeviationFacts,
): JudgementTimeline {
  const [fromMs, toMs] = [at.epochMilliseconds, horizon.epochMilliseconds];
  const added = deviations.flatMap(({ usable, unusable }) => [...usable.borders, ...unusable.borders]);
  const merged = new Set([...timeline.borders, ...added.filter((ms) => ms > fromMs && ms < toMs)]);
  const borders = [...merged].sort((a, b) => a - b);
  const beginOf = (place: number): number => Math.max(borders[place] ?? fromMs, fromMs);
  const baseOf = (place: number): number => placeAt(timeline.borders, borders[place] ?? fromMs);
  const judge = (place: number): Judgement => {
    const base = timeline.judgementOf(baseOf(place));
    return deviated(base, deviations, place === 0 ? at : Temporal.Instant.fromEpochMilliseconds(beginOf(place)));
  };
  const stance = (place: number): Stance => {
    const base = timeline.stanceOf(baseOf(place));
    if (base === passes || !deviations.some(({ usable }) => isMsIn(usable, beginOf(place)))) return base;
    const judgement = timeline.judgementOf(baseOf(place));
    const open = openParts(judgement, deviations, beginOf(place));
    if (open.left.length === 0 && open.granted.length > 0) return passes;
    // What is left asks for other deeds than the whole did.
    return open.granted.length === 0 ? base : Math.sign(base) * (partial + place);
  };
  return lazyTimeline({ borders, judge, stance });
}

/** Above every stance that a rule gives: segments are fewer. */
const partial = stops * 1_000_000;

interface Opened {
  readonly granted: readonly Deviation[];
  /** Parts that nothing covers; the judgement as a whole is one part. */
  readonly left: readonly StoppingPart[];
}

/** What is unknown is never let through: nobody could have known what he granted. */
function openParts(judgement: Judgement, deviations: readonly Deviation[], ms: number): Opened {
  const parts = partsOf(judgement);
  if (isPass(judgement) || judgement.outcome === "unknown") return { granted: [], left: parts.map(({ part }) => part) };
  const inForce = deviations.filter(({ usable }) => isMsIn(usable, ms));
  const granted = new Set<Deviation>();
  const left: StoppingPart[] = [];
  for (const { subject, part } of parts) {
    const found = inForce.find(({ covers }) => covers(subject, part.code));
    if (found === undefined) left.push(part);
    else granted.add(found);
  }
  return { granted: [...granted], left };
}

/** The parts with this code that stop the subject at the instant of the facts; empty: the rule stops as a whole. */
export function stoppingSubjects(
  rule: Pick<Rule, "id" | "exemptible" | "overridable" | "judge">,
  facts: Facts,
  code: string,
): readonly string[] {
  const judgement = valueAt(withDeviations(rule, rule.judge(facts), facts), facts.at);
  const parts = "parts" in judgement ? (judgement.parts ?? []) : [];
  return [...new Set(parts.filter((part) => part.code === code).map(({ subject }) => subject))].sort();
}

function partsOf(judgement: Judgement): readonly { readonly subject: string | null; readonly part: StoppingPart }[] {
  const { code, sentence } = judgement;
  const remedies = "remedies" in judgement ? judgement.remedies : [];
  const parts = "parts" in judgement ? judgement.parts : undefined;
  if (parts !== undefined) return parts.map((part) => ({ subject: part.subject, part }));
  return [{ subject: null, part: { subject: "", code, said: sentence, remedies } }];
}

function deviated(judgement: Judgement, deviations: readonly Deviation[], moment: Temporal.Instant): Judgement {
  if (isPass(judgement)) return judgement;
  const { granted, left } = openParts(judgement, deviations, moment.epochMilliseconds);
  const parts = partsOf(judgement);
  const useless = deviations.filter(
    ({ unusable, covers }) =>
      isMsIn(unusable, moment.epochMilliseconds) && parts.some(({ subject, part }) => covers(subject, part.code)),
  );
  const evidence = [...granted.map((one) => one.evidence), ...(judgement.evidence ?? [])];
  const said = sayList(
    granted.map((one) => one.said),
    "and",
  );
  if (granted.length > 0 && left.length === 0) {
    const code = granted.every(({ kind }) => kind === "override") ? "overridden" : "exempted";
    return pass(code, `${capitalise(said)}; otherwise: ${judgement.sentence}`, evidence);
  }
  const why = useless.map((one) => ` ${one.why(moment)}`).join("");
  if (granted.length === 0) return why === "" ? judgement : { ...judgement, sentence: `${judgement.sentence}${why}` };
  if (!("remedies" in judgement)) return judgement;
  const waits = judgement.remedies.filter(({ kind }) => kind === "wait");
  return {
    ...judgement,
    code: left[0]?.code ?? judgement.code,
    sentence: `${capitalise(left.map((part) => part.said).join("; "))}. The rest is ${said}; otherwise: ${judgement.sentence}${why}`,
    remedies: [...waits, ...left.flatMap(({ remedies }) => remedies)],
    evidence,
    parts: left,
  };
}

function capitalise(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

const exemptionsByRule = new WeakMap<readonly Exemption[], ReadonlyMap<string, readonly Exemption[]>>();

/** Facts are values: their exemptions are sorted by rule once, however many rules ask. */
function ofRule(exemptions: readonly Exemption[], rule: string): readonly Exemption[] {
  let index = exemptionsByRule.get(exemptions);
  if (index === undefined) {
    index = Map.groupBy(exemptions, (exemption) => exemption.rule);
    exemptionsByRule.set(exemptions, index);
  }
  return index.get(rule) ?? [];
}

function exemptionsFor(
  { id, exemptible = [] }: Pick<Rule, "id" | "exemptible">,
  facts: DeviationFacts,
): readonly Deviation[] {
  const own = ofRule(facts.exemptions, id);
  const scope = own.length === 0 ? null : subjectScope(facts);
  if (scope === null) return [];
  return own
    .filter((exemption) => matchesScope(exemption.scope, scope))
    .map((one) => ofExemption(one, exemptible, facts));
}

function ofExemption(exemption: Exemption, exemptible: readonly string[], facts: DeviationFacts): Deviation {
  const { id, codes, subjects, from, until, revokedAt, justification } = exemption;
  const end = revokedAt !== null && compareInstants(revokedAt, until) < 0 ? revokedAt : until;
  const approvers = countedApprovers(exemption, facts);
  const inForce = (moment: Temporal.Instant): boolean =>
    compareInstants(from, moment) <= 0 && compareInstants(moment, end) < 0;
  const faults = (moment: Temporal.Instant): readonly string[] => [
    ...(approvers.length === 0 ? ["nobody of compliance but those concerned has approved it"] : []),
    ...controlStates(exemption, facts, moment).flatMap(({ control, state }) =>
      state === "in-place" ? [] : [`its control ${control} is ${state}`],
    ),
  ];
  const moments = [from, end, ...controlMoments(exemption, facts)];
  const between = { from: facts.at, to: facts.horizon };
  const zone = facts.environment?.zone ?? null;
  const text = `${justification}; approved by ${sayList(approvers, "and")}; controls in place: ${sayList(exemption.controls, "and", 20) || "none"}`;
  return {
    id,
    kind: "exemption",
    covers: (subject, code) =>
      exemptible.includes(code) &&
      codes.includes(code) &&
      (subjects.length === 0 || (subject !== null && subjects.includes(subject))),
    usable: setWhere(moments, between, (moment) => inForce(moment) && faults(moment).length === 0),
    unusable: setWhere(moments, between, (moment) => inForce(moment) && faults(moment).length > 0),
    why: (moment) => `The exemption ${id} is of no use: ${sayList(faults(moment), "and")}.`,
    said: `allowed by ${id} (${justification}) until ${sayInstant(end, zone)}`,
    evidence: { kind: "exemption", ref: id, text },
  };
}

/** Holders of the role compliance who have not asked for it, nor for the change, nor made it. */
function countedApprovers(exemption: Exemption, facts: DeviationFacts): readonly string[] {
  const resolve = personResolver(facts.people);
  const concerned = [exemption.requestedBy, ...concernedBy(facts)].map((name) => resolve(name) ?? name);
  const counted = exemption.approvedBy.flatMap((name) => {
    const person = resolve(name);
    if (person === null || concerned.includes(person)) return [];
    return facts.people.size === 0 || facts.people.get(person)?.roles.includes("compliance") === true ? [person] : [];
  });
  return [...new Set(counted)];
}

function concernedBy({ subject, artifact }: DeviationFacts): readonly string[] {
  return [subject.requestedBy, ...makersOf(artifact)].filter((name) => name !== null);
}

function overridesFor(
  { id, overridable = [] }: Pick<Rule, "id" | "overridable">,
  facts: DeviationFacts,
): readonly Deviation[] {
  const { subject } = facts;
  return facts.overrides
    .filter(
      (one) =>
        one.rule === id &&
        overridable.includes(one.code) &&
        one.contentDigest === subject.contentDigest &&
        one.deployment === subject.onBehalfOf,
    )
    .map((one) => ofOverride(one, facts));
}

/** Only what stopped when it was given: the same rule may stop later for another cause. */
function isOfOverride({ subjects }: Override, subject: string | null): boolean {
  if (subjects === undefined) return true;
  return subject === null ? subjects.length === 0 : subjects.includes(subject);
}

function ofOverride(override: Override, facts: DeviationFacts): Deviation {
  const { id, by, right, reason, at, until } = override;
  const resolve = personResolver(facts.people);
  const isConcerned = concernedBy(facts).some((name) => (resolve(name) ?? name) === (resolve(by) ?? by));
  const inForce = (moment: Temporal.Instant): boolean =>
    compareInstants(at, moment) <= 0 && compareInstants(moment, until) < 0;
  const between = { from: facts.at, to: facts.horizon };
  const zone = facts.environment?.zone ?? null;
  return {
    id,
    kind: "override",
    covers: (subject, code) => override.code === code && isOfOverride(override, subject),
    usable: setWhere([at, until], between, (moment) => inForce(moment) && !isConcerned),
    unusable: setWhere([at, until], between, (moment) => inForce(moment) && isConcerned),
    why: () => `The override ${id} is of no use: ${by} requested or made the change.`,
    said: `passed by ${by} until ${sayInstant(until, zone)} (${reason})`,
    evidence: { kind: "override", ref: id, text: `${by} by the right ${right}: ${reason}` },
  };
}
