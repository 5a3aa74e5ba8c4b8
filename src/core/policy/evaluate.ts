import { canonical } from "#core/audit/canonical.ts";
import { counterfactualsOf } from "#core/policy/counterfactual.ts";
import type { Facts } from "#core/policy/facts.ts";
import { factsToJson } from "#core/policy/facts-codec.ts";
import type { Finding, Judgement, JudgementTimeline, Outcome } from "#core/policy/finding.ts";
import { firstFit, isPass, jointTime, type JointTime } from "#core/policy/joint.ts";
import { refuse, type Rule } from "#core/policy/rule.ts";
import { elapsedMs } from "#core/policy/say.ts";
import { always, valueAt } from "#core/policy/timeline.ts";
import type { Decision, Verdict } from "#core/policy/verdict.ts";
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
  const timelines = rules.map((rule) => judgeSafely(rule, facts));
  const span = { from: at, to: facts.horizon };
  const isProtected = facts.environment === null || facts.environment.protected;
  const findings = rules.map((rule, index) => toFinding(rule, timelines[index], span));
  const neededMs = neededMsOf(facts, options);
  const joint = jointTime(timelines, span);
  const opensAt = firstFit(joint, at, neededMs, facts.horizon);
  const decision = decide(findings, isProtected, opensAt);
  const zone = facts.environment?.zone ?? null;
  return {
    decision,
    at,
    subject: facts.subject,
    findings,
    nextOpening: decision === "allow" ? at : opensAt,
    openings: openingsFrom(joint, neededMs, facts.horizon),
    counterfactuals:
      decision === "allow"
        ? []
        : counterfactualsOf({ findings, timelines, span, neededMs, horizon: facts.horizon, zone }),
    factsDigest: factsDigest(rules, facts, options),
    zoneData: options.zoneData,
  };
}

/** The digest that a stored verdict is found again by: facts, rules with their versions, zone data, needed length. */
export function factsDigest(rules: readonly Rule[], facts: Facts, options: EvaluateOptions): string {
  const input = {
    facts: factsToJson(facts),
    rules: rules.map(({ id, version }) => ({ id, version })),
    zoneData: options.zoneData,
    neededFor: options.neededFor?.toString() ?? null,
  };
  return options.hash(canonical(input));
}

function judgeSafely(rule: Rule, facts: Facts): JudgementTimeline {
  try {
    const timeline = rule.judge(facts);
    const fault = faultOf(timeline, facts);
    return fault === null ? timeline : failed(rule, facts, fault);
  } catch (error) {
    return failed(rule, facts, error instanceof Error ? error.message : String(error));
  }
}

function failed(rule: Rule, facts: Facts, why: string): JudgementTimeline {
  const remedy = { kind: "change", who: "platform team", what: `Repair the rule ${rule.id}.` } as const;
  const sentence = `The rule ${rule.id} could not judge, so nothing may go: ${why}.`;
  return always(facts.at, refuse("unknown", "rule-failed", sentence, [remedy]));
}

/** Why a timeline cannot be trusted; null when it can. */
function faultOf(timeline: JudgementTimeline, facts: Facts): string | null {
  if (timeline.length > maxSegments) return `more than ${maxSegments} segments`;
  if (Temporal.Instant.compare(timeline[0].from, facts.at) > 0) return "no answer for the instant asked";
  for (let i = 1; i < timeline.length; i++) {
    const before = timeline[i - 1];
    const here = timeline[i];
    if (before === undefined || here === undefined) continue;
    if (Temporal.Instant.compare(before.from, here.from) >= 0) return "segments out of order";
  }
  return null;
}

function toFinding(rule: Rule, timeline: JudgementTimeline | undefined, span: Span): Finding {
  if (timeline === undefined) throw new Error(`no timeline for ${rule.id}`);
  const judgement = valueAt(timeline, span.from);
  const until = isPass(judgement) ? null : nextPass(timeline, span);
  const outcome: Outcome = judgement.outcome === "wait" && until === null ? "hold" : judgement.outcome;
  return {
    rule: rule.id,
    ruleVersion: rule.version,
    outcome,
    code: judgement.code,
    sentence: judgement.sentence,
    until,
    evidence: judgement.evidence ?? [],
    remedies: "remedies" in judgement ? judgement.remedies : [],
  };
}

function nextPass(timeline: JudgementTimeline, span: Span): Temporal.Instant | null {
  for (const segment of timeline) {
    const later = Temporal.Instant.compare(segment.from, span.from) > 0;
    const inside = Temporal.Instant.compare(segment.from, span.to) < 0;
    if (later && inside && isPass(segment.value)) return segment.from;
  }
  return null;
}

/**
 * deny > hold > wait. `unknown` counts as deny in a protected environment and as hold elsewhere, never as a pass. A
 * `wait` promises that the verdict becomes allowed by itself: when the waits never end together it is a hold.
 */
function decide(findings: readonly Finding[], isProtected: boolean, opensAt: Temporal.Instant | null): Decision {
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

function openingsFrom(joint: JointTime, neededMs: number, horizon: Temporal.Instant): readonly Span[] {
  const long = joint.openings.filter((opening) => {
    const starts = joint.starts.filter((start) => contains(opening, start.from));
    return firstFit({ openings: [opening], starts }, opening.from, neededMs, horizon) !== null;
  });
  return long.slice(0, maxOpenings);
}
