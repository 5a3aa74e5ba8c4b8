import { changesWithin, contentOf, standingAt } from "#core/approval/count.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import { difference, type SpanSet } from "#core/calendar/span-set.ts";
import { freezeSpans, type MatchedSpans, type RuleSpans } from "#core/calendar/timetable.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { ScopeSubject } from "#core/catalog/scope.ts";
import { setWhere } from "#core/policy/calendar-timeline.ts";
import type { Facts } from "#core/policy/facts.ts";

export type FreezeFacts = Pick<
  Facts,
  "at" | "horizon" | "subject" | "artifact" | "freezes" | "routes" | "approvals" | "people"
>;

/**
 * The freezes that match, each with the spans in which it stops the subject: a soft freeze does not stop while the
 * approvals of the route it names are there (semantics §3.7). Hard freezes and embargoes know no such passage.
 */
export function stoppingFreezes(
  facts: FreezeFacts,
  subject: ScopeSubject,
  environment: Environment,
): MatchedSpans<Freeze> {
  const between = { from: facts.at, to: facts.horizon };
  const { matched, faults } = freezeSpans({ freezes: facts.freezes, subject, environment, between });
  const stopping = matched.map(({ rule, spans }): RuleSpans<Freeze> => {
    const passage = rule.strength === "soft" ? passageOf(rule, facts) : null;
    return passage === null ? { rule, spans } : { rule, spans: difference(spans, passage) };
  });
  return { matched: stopping, faults };
}

/** When the approvals that the freeze names are there; null when it names none, or a route that does not exist. */
function passageOf(freeze: Freeze, facts: FreezeFacts): SpanSet | null {
  const route = facts.routes.find(({ name }) => name === freeze.passesWith);
  if (route === undefined) return null;
  const content = contentOf(facts);
  const hasEnough = (moment: Temporal.Instant): boolean => {
    const { rejectedBy, approvedBy } = standingAt(route, facts.approvals, content, facts.people, moment);
    return rejectedBy === null && approvedBy.length >= Math.max(1, route.approvals);
  };
  const later = changesWithin(route, facts.approvals, content, facts.at, facts.horizon);
  return setWhere(later, { from: facts.at, to: facts.horizon }, hasEnough);
}
