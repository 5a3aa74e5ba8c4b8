import type { FactName, Facts } from "#core/policy/facts.ts";
import type { Evidence, Judgement, Remedy } from "#core/policy/finding.ts";
import type { JudgementTimeline } from "#core/policy/timeline.ts";

/** What every rule may read without naming it. */
export type Always = "at" | "horizon" | "subject";

/**
 * A rule judges one question. Its id is a clause that must be true for a go, so all rules have the same polarity.
 * `judge` is a pure function from the facts it names to a timeline over `[at, horizon)`.
 */
export interface Rule<Needs extends FactName = FactName> {
  /** Equals the name of the file. */
  readonly id: string;
  /** Rises whenever the same facts could give another judgement. */
  readonly version: string;
  /** The clause as a sentence. */
  readonly title: string;
  /** Why the rule exists; becomes its page in docs/rules. */
  readonly reason: string;
  readonly remedy: string;
  /** Every code that a judgement of this rule may carry. Codes are stable; `rule-failed` may always come on top. */
  readonly codes: readonly string[];
  /** Codes that an exemption may cover, for a time and with compensating controls (F6); absent: none. */
  readonly exemptible?: readonly string[];
  /** Codes that a recorded override may pass for one deployment; absent: none. */
  readonly overridable?: readonly string[];
  readonly needs: readonly Needs[];
  /** Made by `always`, `timelineOver` or `timelineOfMoments`; what throws is a finding `unknown`, now or when asked. */
  readonly judge: (facts: Pick<Facts, Always | Needs>) => JudgementTimeline;
}

/** Infers the needs from the list: a rule that reads a fact it has not named does not compile. */
export function defineRule<const Needs extends FactName>(rule: Rule<Needs>): Rule<Needs> {
  return rule;
}

export function pass(code: string, sentence: string, evidence: readonly Evidence[] = []): Judgement {
  return { outcome: "pass", code, sentence, evidence };
}

export function notApplicable(code: string, sentence: string): Judgement {
  return { outcome: "not-applicable", code, sentence };
}

export function refuse(
  outcome: "wait" | "hold" | "deny" | "unknown",
  code: string,
  sentence: string,
  remedies: readonly Remedy[],
  evidence: readonly Evidence[] = [],
): Judgement {
  return { outcome, code, sentence, remedies, evidence };
}
