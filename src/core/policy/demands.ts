import type { ScopeSubject } from "#core/catalog/scope.ts";
import {
  effectiveSettings,
  settingMoments,
  type EffectiveSettings,
  type PolicySource,
} from "#core/policy/effective.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Evidence } from "#core/policy/finding.ts";
import { refuse } from "#core/policy/rule.ts";
import { sayList } from "#core/policy/say.ts";
import { rememberLast } from "#core/policy/remember-last.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { always, type JudgementTimeline } from "#core/policy/timeline.ts";
import { contains } from "#core/span.ts";

/** What policies demand of the subject over the horizon. */
export interface Demands {
  /** The instants inside the horizon at which what is demanded may change. */
  readonly moments: readonly Temporal.Instant[];
  readonly settingsAt: (moment: Temporal.Instant) => EffectiveSettings;
  /** What is demanded at one instant or another, in order of time. */
  readonly all: readonly EffectiveSettings[];
}

type DemandFacts = Pick<Facts, "at" | "horizon" | "subject" | "service" | "environment" | "policies">;

/** null when service or environment are not known: no scope can be matched. */
export function demandsOver(facts: DemandFacts): Demands | null {
  const scope = subjectScope(facts);
  return scope === null ? null : demandsWithin(facts.policies, scope, facts.at, facts.horizon);
}

/** Every rule of demands asks the same. */
const demandsWithin = rememberLast(
  (policies: Facts["policies"], scope: ScopeSubject, at: Temporal.Instant, horizon: Temporal.Instant): Demands => {
    const moments = settingMoments(policies, scope, at, horizon);
    const joinedAt = (moment: Temporal.Instant): EffectiveSettings => effectiveSettings(policies, scope, moment);
    const first = joinedAt(at);
    if (moments.length > 0) return { moments, settingsAt: joinedAt, all: [first, ...moments.map(joinedAt)] };
    const settingsAt = (moment: Temporal.Instant): EffectiveSettings =>
      contains({ from: at, to: horizon }, moment) ? first : joinedAt(moment);
    return { moments, settingsAt, all: [first] };
  },
);

/** What the rules of demands say while service or environment is unknown. */
export function demandsUnknown(at: Temporal.Instant): JudgementTimeline {
  const sentence = "Which policies apply cannot be said while service or environment is unknown.";
  return always(at, refuse("unknown", "scope-unknown", sentence, []));
}

/** What the rules about a digest say while no artifact is registered: another rule says what to do about that. */
export function digestUnknown(at: Temporal.Instant, about: string): JudgementTimeline {
  const sentence = `${about} cannot be judged before an artifact is registered.`;
  return always(at, refuse("unknown", "digest-unknown", sentence, []));
}

/** The policies that demand it, as evidence of a finding. */
export function policyEvidence(sources: readonly PolicySource[]): readonly Evidence[] {
  return sources.map(({ name, version }) => ({ kind: "policy", ref: name, text: `policy ${name}, ${version}` }));
}

/** `policy A` or `policies A and B`. */
export function sayPolicies(sources: readonly PolicySource[]): string {
  const names = sources.map(({ name }) => name);
  return `${names.length === 1 ? "policy" : "policies"} ${sayList(names, "and")}`;
}

/** The teams that answer for the policies, as those who can act. */
export function policyOwners(sources: readonly PolicySource[]): string {
  const owners = [...new Set(sources.map(({ owner }) => owner))];
  return `team ${sayList(owners, "or")}`;
}
