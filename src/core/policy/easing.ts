import { routeFor } from "#core/approval/count.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Finding, Outcome } from "#core/policy/finding.ts";
import { isLooserThan } from "#core/policy/loosening.ts";
import { isAfter } from "#core/policy/moments.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import type { Verdict } from "#core/policy/verdict.ts";

/** One question judged under one configuration; two of them are compared at the same instant. */
export interface UnderConfiguration {
  readonly facts: Pick<Facts, "subject" | "service" | "environment" | "policies" | "routes">;
  readonly verdict: Verdict;
}

/** What stops a change and would stop it less. */
export interface Easing {
  readonly rule: string;
  /** What the rule said before. */
  readonly sentence: string;
}

/**
 * What the second configuration makes easier for work that the first one stops (semantics §3.9: a rule cannot be edited to
 * let through one's own change). A finding that is gone or weaker, one that ends earlier, a policy behind a refusal that
 * has become looser even where the work is refused still, a route that needs less, and an earlier opening.
 */
export function easingsOf(was: UnderConfiguration, would: UnderConfiguration): readonly Easing[] {
  const found = was.verdict.findings
    .filter(({ outcome }) => strength[outcome] > 0)
    .filter((finding) => {
      const now = would.verdict.findings.find(({ rule }) => rule === finding.rule);
      return now === undefined || isWeaker(finding, now) || isBasisLooser(finding, was.facts, would.facts);
    })
    .map(({ rule, sentence }) => ({ rule, sentence }));
  if (found.length > 0 || !opensEarlier(was.verdict, would.verdict)) return found;
  const last = was.verdict.findings.find(({ outcome }) => strength[outcome] > 0);
  return last === undefined ? [] : [{ rule: last.rule, sentence: last.sentence }];
}

/** Deny > hold > wait; unknown counts as deny. */
const strength: Readonly<Record<Outcome, number>> = {
  pass: 0,
  "not-applicable": 0,
  wait: 1,
  hold: 2,
  deny: 3,
  unknown: 3,
};

function isWeaker(was: Finding, now: Finding): boolean {
  if (strength[now.outcome] !== strength[was.outcome]) return strength[now.outcome] < strength[was.outcome];
  return now.until !== null && (was.until === null || isAfter(was.until, now.until));
}

/** A refusal that stands for now may rest on less than it did. */
function isBasisLooser({ rule, evidence }: Finding, was: Facted, would: Facted): boolean {
  if (rule === "approved-by-another" && isRouteLooser(routeOf(was), routeOf(would))) return true;
  const names = evidence.flatMap(({ kind, ref }) => (kind === "policy" ? [ref] : []));
  return names.some((name) => {
    const before = was.policies.find((policy) => policy.name === name);
    const after = would.policies.find((policy) => policy.name === name);
    return before !== undefined && (after === undefined || isLooserThan(after, before));
  });
}

type Facted = UnderConfiguration["facts"];

function routeOf(facts: Facted): ApprovalRoute | null {
  const scope = subjectScope(facts);
  return scope === null ? null : routeFor(facts.routes, scope);
}

function isRouteLooser(was: ApprovalRoute | null, would: ApprovalRoute | null): boolean {
  if (was === null) return false;
  if (would === null || would.approvals < was.approvals) return true;
  const isMore = <T>(items: readonly T[], known: readonly T[]): boolean => items.some((item) => !known.includes(item));
  if (isMore(would.roles, was.roles) || isMore(would.teams, was.teams)) return true;
  if (was.validFor === null) return false;
  return would.validFor === null || hoursOf(would.validFor) > hoursOf(was.validFor);
}

/** Ages of approvals are written in days, hours and minutes; a day of an age has 24 hours. */
function hoursOf(age: Temporal.Duration): number {
  return age.total({ unit: "hours", relativeTo: anyDay });
}

const anyDay = Temporal.ZonedDateTime.from("2026-01-01T00:00[UTC]");

function opensEarlier(was: Verdict, would: Verdict): boolean {
  if (was.decision === "allow" || would.nextOpening === null) return false;
  return was.nextOpening === null || isAfter(was.nextOpening, would.nextOpening);
}
