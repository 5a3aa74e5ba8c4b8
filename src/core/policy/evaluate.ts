import { canonical } from "#core/audit/canonical.ts";
import { withDeviations } from "#core/exemption/deviation.ts";
import { counterfactualsOf } from "#core/policy/counterfactual.ts";
import type { Facts } from "#core/policy/facts.ts";
import { factParts, partsText } from "#core/policy/fact-parts.ts";
import type { Finding, Judgement, Outcome } from "#core/policy/finding.ts";
import { firstStartAfter, never, openingsAfter, slotsOf } from "#core/policy/joint.ts";
import { refuse, type Rule } from "#core/policy/rule.ts";
import { elapsedMs } from "#core/policy/say.ts";
import { agrees, always, begunAt, isPass, passes, placeAt, type JudgementTimeline } from "#core/policy/timeline.ts";
import type { Decision, Glance, Verdict } from "#core/policy/verdict.ts";
import { contains, type Span } from "#core/span.ts";

/** A verdict lists no more joint openings than this; a person reads the first two or three. */
export const maxOpenings = 16;
/** A rule that answers with more segments than this is treated as failed: a verdict has a bounded cost. */
export const maxSegments = 20_000;

export interface EvaluateOptions {
  /** `sha256:` and 64 hexadecimal digits over the UTF-8 bytes of the text. */
  readonly hash: (text: string) => string;
  /** Version of the zone data that this process computes with. */
  readonly zoneData: string;
  /** How long the opening must last; without it, P95 of the run and of its rollback where the facts know them. */
  readonly neededFor?: Temporal.Duration;
}

/**
 * Judges the subject of the facts at their instant (semantics §3). All rules run, whatever the others say. A rule that
 * throws or answers nonsense becomes a finding `unknown`, code `rule-failed`: whatever fails, nothing is deployed
 * because of it. Equal facts give an equal verdict, byte for byte.
 */
export function evaluate(rules: readonly Rule[], facts: Facts, options: EvaluateOptions): Verdict {
  return evaluateAt(rules, facts, facts.at, options);
}

/**
 * The verdict at any instant of `[facts.at, facts.horizon)`: a look-up in the same timelines, so it equals `evaluate` on
 * the same facts with that instant, except for the digest. An instant outside is a RangeError.
 */
export function evaluateAt(
  rules: readonly Rule[],
  facts: Facts,
  at: Temporal.Instant,
  options: EvaluateOptions,
): Verdict {
  if (!contains({ from: facts.at, to: facts.horizon }, at)) {
    throw new RangeError(`${at.toString()} is outside of the horizon of the facts`);
  }
  const timelines = timelinesOf(rules, facts);
  const span = { from: at, to: facts.horizon };
  const judged = judgeAll({ rules, facts, timelines, span, neededMs: neededMsOf(facts, options) });
  let digest: string | null = null;
  return {
    ...judged,
    ...(facts.environment === null ? {} : { zone: facts.environment.zone }),
    at,
    subject: facts.subject,
    // Made when it is asked for: a question that nobody keeps needs none.
    get factsDigest() {
      digest ??= factsDigest(rules, facts, options);
      return digest;
    },
    zoneData: options.zoneData,
  };
}

function timelinesOf(rules: readonly Rule[], facts: Facts): JudgementTimeline[] {
  const timelines: JudgementTimeline[] = [];
  for (let place = 0; place < rules.length; place++) timelines.push(judgeSafely(rules[place], place, facts));
  return timelines;
}

/**
 * The same answer as `evaluate` gives, in about half of its time: no sentence of what passes, no ways out, no openings
 * behind the first. Null where a rule fails when it is asked for one: then only the verdict itself can tell.
 */
export function glance(rules: readonly Rule[], facts: Facts, options: EvaluateOptions): Glance | null {
  const timelines = timelinesOf(rules, facts);
  const span = { from: facts.at, to: facts.horizon };
  try {
    const all = timelines.map((timeline, place) => glanceAt(rules[place], timeline, span));
    const startMs = firstStartAfter(
      slotsOf(timelines, span, () => never),
      0,
      neededMsOf(facts, options),
    );
    const opensAt = startMs === null ? null : instantIn(span, startMs);
    const decision = decide(all, refusesUnknown(facts), opensAt);
    const findings = all.filter(({ outcome }) => outcome !== "pass");
    return { decision, nextOpening: decision === "allow" ? span.from : opensAt, findings };
  } catch (error) {
    if (error instanceof RuleFailed) return null;
    throw error;
  }
}

const goes = { rule: "", outcome: "pass", code: "" } as const;

function glanceAt(rule: Rule | undefined, timeline: JudgementTimeline, span: Span): Glance["findings"][number] {
  const place = placeAt(timeline.borders, span.from.epochMilliseconds);
  if (timeline.stanceOf(place) === passes) return goes;
  const { outcome, code } = timeline.judgementOf(place);
  const until = outcome === "wait" ? nextPass(timeline, place, span.to.epochMilliseconds) : null;
  return { rule: rule?.id ?? "", outcome: settled(outcome, until), code };
}

/** A wait that does not end within the horizon is no wait. */
function settled(outcome: Outcome, until: Temporal.Instant | null): Outcome {
  return outcome === "wait" && until === null ? "hold" : outcome;
}

interface Question {
  readonly rules: readonly Rule[];
  readonly facts: Facts;
  readonly timelines: JudgementTimeline[];
  readonly span: Span;
  readonly neededMs: number;
}

type Answer = Pick<Verdict, "decision" | "findings" | "nextOpening" | "openings" | "detour" | "counterfactuals">;

/**
 * Sentences are made when they are asked for, so a rule may fail only now. It is then replaced by its failure and
 * everything is asked again, at most once for each rule.
 */
function judgeAll(question: Question): Answer {
  for (;;) {
    try {
      return answer(question);
    } catch (error) {
      if (!(error instanceof RuleFailed)) throw error;
      const rule = question.rules[error.place];
      if (rule === undefined) throw error;
      question.timelines[error.place] = failed(rule, question.facts, error.message);
    }
  }
}

function answer({ rules, facts, timelines, span, neededMs }: Question): Answer {
  const beginMs = span.from.epochMilliseconds;
  const endMs = span.to.epochMilliseconds;
  const findings: Finding[] = [];
  for (let place = 0; place < timelines.length; place++) {
    findings.push(toFinding(rules[place], timelines[place], beginMs, endMs));
  }
  const openings = openingsAfter(
    slotsOf(timelines, span, () => never),
    0,
    neededMs,
    maxOpenings,
  );
  const [first] = openings;
  const opensAt = first === undefined ? null : instantIn(span, first.startMs);
  const decision = decide(findings, refusesUnknown(facts), opensAt);
  const zone = facts.environment?.zone ?? null;
  return {
    decision,
    findings,
    nextOpening: decision === "allow" ? span.from : opensAt,
    openings: openings.map(({ fromMs, toMs }) => ({ from: instantIn(span, fromMs), to: instantIn(span, toMs) })),
    ...(decision === "wait" && opensAt !== null ? detourOf(rules, findings, timelines, opensAt) : {}),
    counterfactuals: decision === "allow" ? [] : counterfactualsOf({ findings, timelines, span, neededMs, zone }),
  };
}

function refusesUnknown({ environment }: Facts): boolean {
  return environment === null || environment.protected;
}

/** What is in the way when the last of the waits is over, where that is before the opening. */
function detourOf(
  rules: readonly Rule[],
  findings: readonly Finding[],
  timelines: readonly JudgementTimeline[],
  opensAt: Temporal.Instant,
): Pick<Verdict, "detour"> {
  const overMs = Math.max(...findings.map(({ until }) => until?.epochMilliseconds ?? Number.NEGATIVE_INFINITY));
  if (!Number.isFinite(overMs) || overMs >= opensAt.epochMilliseconds) return {};
  for (const [place, timeline] of timelines.entries()) {
    const segment = placeAt(timeline.borders, overMs);
    if (timeline.stanceOf(segment) === passes) continue;
    const { sentence } = timeline.judgementOf(segment);
    return { detour: { at: Temporal.Instant.fromEpochMilliseconds(overMs), rule: rules[place]?.id ?? "", sentence } };
  }
  return {};
}

/** The ends of the span are given back as they are, with what they have beyond milliseconds. */
function instantIn({ from, to }: Span, ms: number): Temporal.Instant {
  if (ms <= from.epochMilliseconds) return from;
  return ms >= to.epochMilliseconds ? to : Temporal.Instant.fromEpochMilliseconds(ms);
}

/**
 * The digest that a stored verdict is found again by: over the facts part by part (`factParts`), the rules with their
 * versions, the zone data and the needed length.
 */
export function factsDigest(rules: readonly Rule[], facts: Facts, options: EvaluateOptions): string {
  return digestOver(partsText(factParts(facts, options.hash)), rules, options);
}

/** The same over facts that have their text already. */
export function digestOver(factsText: string, rules: readonly Rule[], options: EvaluateOptions): string {
  const neededFor = JSON.stringify(options.neededFor?.toString() ?? null);
  const zone = JSON.stringify(options.zoneData);
  return options.hash(`{"facts":${factsText},"neededFor":${neededFor},"rules":${rulesText(rules)},"zoneData":${zone}}`);
}

const ruleTexts = new WeakMap<readonly Rule[], string>();

/** A list of rules is a value: its text is made once. */
function rulesText(rules: readonly Rule[]): string {
  const known = ruleTexts.get(rules);
  if (known !== undefined) return known;
  const text = canonical(rules.map(({ id, version }) => ({ id, version })));
  ruleTexts.set(rules, text);
  return text;
}

/** A rule that failed while it was asked for a sentence or a stance; never leaves this module. */
class RuleFailed extends Error {
  readonly place: number;
  constructor(place: number, why: string) {
    super(why);
    this.place = place;
  }
}

function judgeSafely(rule: Rule | undefined, place: number, facts: Facts): JudgementTimeline {
  if (rule === undefined) throw new Error("a place without a rule");
  try {
    const timeline = withDeviations(rule, rule.judge(facts), facts);
    if (timeline.isSettled === true && timeline.borders === begunAt(facts.at)) return timeline;
    const fault = faultOf(timeline, facts);
    return fault === null ? guarded(timeline, place) : failed(rule, facts, fault);
  } catch (error) {
    return failed(rule, facts, messageOf(error));
  }
}

/** The same timeline; whatever it throws says which rule it was, and a stance that its judgement belies is a failure. */
function guarded(timeline: JudgementTimeline, place: number): JudgementTimeline {
  const judge = (segment: number): Judgement => {
    const judgement = timeline.judgementOf(segment);
    if (agrees(timeline.stanceOf(segment), judgement)) return judgement;
    throw new Error(`it says ${judgement.outcome} where it announced something else`);
  };
  return {
    borders: timeline.borders,
    stanceOf: (segment) => {
      try {
        return timeline.stanceOf(segment);
      } catch (error) {
        throw new RuleFailed(place, messageOf(error));
      }
    },
    judgementOf: (segment) => {
      try {
        return judge(segment);
      } catch (error) {
        throw new RuleFailed(place, messageOf(error));
      }
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failed(rule: Rule, facts: Facts, why: string): JudgementTimeline {
  const remedy = { kind: "change", who: "platform team", what: `Repair the rule ${rule.id}.` } as const;
  const sentence = `The rule ${rule.id} could not judge, so nothing may go: ${why}.`;
  return always(facts.at, refuse("unknown", "rule-failed", sentence, [remedy]));
}

/** Why a timeline cannot be trusted; null when it can. */
function faultOf({ borders }: JudgementTimeline, facts: Facts): string | null {
  if (borders.length > maxSegments) return `more than ${maxSegments} segments`;
  const first = borders[0] ?? Number.POSITIVE_INFINITY;
  if (first > facts.at.epochMilliseconds) return "no answer for the instant asked";
  let before = Number.NEGATIVE_INFINITY;
  for (let place = 0; place < borders.length; place++) {
    const border = borders[place] ?? before;
    if (!(border > before)) return "segments out of order";
    before = border;
  }
  return null;
}

function toFinding(
  rule: Rule | undefined,
  timeline: JudgementTimeline | undefined,
  fromMs: number,
  toMs: number,
): Finding {
  if (rule === undefined || timeline === undefined) throw new Error("a timeline without a rule");
  const place = placeAt(timeline.borders, fromMs);
  const judgement = timeline.judgementOf(place);
  const until = isPass(judgement) ? null : nextPass(timeline, place, toMs);
  return {
    rule: rule.id,
    ruleVersion: rule.version,
    outcome: settled(judgement.outcome, until),
    code: judgement.code,
    sentence: judgement.sentence,
    until,
    evidence: judgement.evidence ?? none,
    remedies: "remedies" in judgement ? judgement.remedies : none,
  };
}

const none: readonly never[] = [];

function nextPass(timeline: JudgementTimeline, place: number, endMs: number): Temporal.Instant | null {
  for (let next = place + 1; next < timeline.borders.length; next++) {
    const ms = timeline.borders[next] ?? endMs;
    if (ms >= endMs) return null;
    if (timeline.stanceOf(next) === passes) return Temporal.Instant.fromEpochMilliseconds(ms);
  }
  return null;
}

/**
 * deny > hold > wait. `unknown` counts as deny in a protected environment and as hold elsewhere, never as a pass. A
 * `wait` promises that the verdict becomes allowed by itself: when the waits never end together it is a hold.
 */
function decide(
  findings: readonly Pick<Finding, "outcome">[],
  isProtected: boolean,
  opensAt: Temporal.Instant | null,
): Decision {
  const has = (outcome: Judgement["outcome"]) => findings.some((finding) => finding.outcome === outcome);
  if (has("deny") || (isProtected && has("unknown"))) return "deny";
  if (has("hold") || has("unknown")) return "hold";
  if (has("wait")) return opensAt === null ? "hold" : "wait";
  // A verdict without any finding is no consent: somebody forgot the rules.
  return findings.length === 0 ? "deny" : "allow";
}

/** The run's length by the facts; 0 when nobody knows it. */
function neededMsOf(facts: Facts, options: EvaluateOptions): number {
  if (options.neededFor !== undefined) return elapsedMs(options.neededFor);
  const { service, environment } = facts.subject;
  const known = facts.durations.find((entry) => entry.service === service && entry.environment === environment);
  if (known === undefined) return 0;
  try {
    return elapsedMs(known.p95) + elapsedMs(known.rollbackP95);
  } catch {
    return 0; // a length in months: the rule that judges the fit fails closed and names it
  }
}
