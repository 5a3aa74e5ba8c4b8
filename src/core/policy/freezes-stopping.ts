import { changesWithin, contentOf, couldApprove, isEntitled, standingAt, type Standing } from "#core/approval/count.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import { difference, emptySet, isMsIn, setOfSpans, union, type SpanSet } from "#core/calendar/span-set.ts";
import type { MatchedSpans, RuleSpans } from "#core/calendar/timetable.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Person } from "#core/catalog/people.ts";
import { matchesScope, type ScopeSubject } from "#core/catalog/scope.ts";
import { permitOf } from "#core/exemption/lane.ts";
import { freezesOver } from "#core/policy/calendar-over.ts";
import { setWhere } from "#core/policy/calendar-timeline.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rememberLast } from "#core/policy/remember-last.ts";
import { sayList } from "#core/policy/say.ts";

export type FreezeFacts = Pick<
  Facts,
  "at" | "horizon" | "subject" | "artifact" | "freezes" | "routes" | "approvals" | "people" | "emergency"
>;

/** A freeze that matches; `spans` is when it stops the subject. */
export interface StoppingFreeze extends RuleSpans<Freeze> {
  /** When it is in force, stopping or passed. */
  readonly inForce: SpanSet;
  /** By whom or what it is passed, and when. */
  readonly passages: readonly Passage[];
  /** Persons who could let the subject pass, each with a word of their own; empty when nobody can. For sentences. */
  readonly passers: () => readonly string[];
}

export interface Passage {
  readonly set: SpanSet;
  /** As a part of a sentence: `gia and bob`, `the emergency EM-3`. */
  readonly by: (moment: Temporal.Instant) => string;
}

export interface StoppingFreezes extends MatchedSpans<Freeze> {
  readonly matched: readonly StoppingFreeze[];
}

/**
 * The freezes that match, each with the spans in which it stops the subject (semantics §3.7). A soft freeze does not
 * stop while there are the approvals of the route it names, given in spite of it, nor does it stop an emergency with
 * permission. A hard freeze lets through only an emergency whose permission names it; an embargo nobody.
 */
export const stoppingFreezes = rememberLast(freezesThatStop);

function freezesThatStop(facts: FreezeFacts, subject: ScopeSubject, environment: Environment): StoppingFreezes {
  const { matched, faults } = freezesOver(facts.freezes, subject, environment, facts.at, facts.horizon);
  const permit = matched.length === 0 ? null : permitOf(facts);
  const stopping = matched.map(({ rule, spans }): StoppingFreeze => {
    const byPermit = permit !== null && mayPass(rule, permit.passesFreezes);
    const consent = rule.strength === "soft" ? consentTo(rule, facts, subject) : null;
    const passages = [
      ...(byPermit ? [{ set: setOfSpans([permit]), by: () => `the emergency ${permit.id}` }] : []),
      ...(consent === null ? [] : [consent.passage]),
    ];
    const passed = passages.reduce((all, { set }) => union(all, set), emptySet);
    return {
      rule,
      spans: passages.length === 0 ? spans : difference(spans, passed),
      inForce: spans,
      passages,
      passers: consent?.passers ?? nobody,
    };
  });
  return { matched: stopping, faults };
}

const nobody = (): readonly string[] => [];

/** By whom or what a freeze is passed at an instant; null when it stops, or is not in force. */
export function passageAt({ inForce, passages }: StoppingFreeze, moment: Temporal.Instant): Passage | null {
  const ms = moment.epochMilliseconds;
  return isMsIn(inForce, ms) ? (passages.find(({ set }) => isMsIn(set, ms)) ?? null) : null;
}

function mayPass({ strength, name }: Freeze, passesFreezes: readonly string[]): boolean {
  return strength === "soft" || (strength === "hard" && passesFreezes.includes(name));
}

/** The route with which a soft freeze passes; null when it names none, or one that does not cover the subject. */
export function passageRoute(
  freeze: Pick<Freeze, "strength" | "passesWith">,
  routes: readonly ApprovalRoute[],
  subject: ScopeSubject,
): ApprovalRoute | null {
  if (freeze.strength !== "soft") return null;
  return routes.find(({ name, scope }) => name === freeze.passesWith && matchesScope(scope, subject)) ?? null;
}

/** True when the person's consent in spite of the freeze would count. */
export function mayPassFreeze(
  freeze: Pick<Freeze, "strength" | "passesWith">,
  routes: readonly ApprovalRoute[],
  subject: ScopeSubject,
  person: Person | undefined,
): boolean {
  const route = passageRoute(freeze, routes, subject);
  return route !== null && isEntitled(route, person);
}

/** The deed that passes a soft freeze, as remedies name it. */
export function despiteDeed(freeze: string): string {
  return `Approve it in spite of the freeze ${freeze}.`;
}

interface Consent {
  readonly passage: Passage;
  readonly passers: () => readonly string[];
}

/** Only approvals that say that they are given in spite of this freeze: one consent is not two. */
function consentTo(freeze: Freeze, facts: FreezeFacts, subject: ScopeSubject): Consent | null {
  const route = passageRoute(freeze, facts.routes, subject);
  if (route === null) return null;
  const content = contentOf(facts);
  const given = facts.approvals.filter(
    ({ decision, despite }) => decision === "rejected" || despite?.includes(freeze.name) === true,
  );
  const standing = (moment: Temporal.Instant): Standing => standingAt(route, given, content, facts.people, moment);
  const hasEnough = (moment: Temporal.Instant): boolean => {
    const { rejectedBy, approvedBy } = standing(moment);
    return rejectedBy === null && approvedBy.length >= Math.max(1, route.approvals);
  };
  const between = { from: facts.at, to: facts.horizon };
  const set =
    given.length === 0
      ? emptySet
      : setWhere(changesWithin(route, given, content, facts.at, facts.horizon), between, hasEnough);
  return {
    passage: { set, by: (moment) => sayList(standing(moment).approvedBy, "and") },
    passers: () => {
      const candidates = couldApprove(route, content, facts.people, standing(facts.at));
      return candidates.length > 0 ? candidates : [`route ${route.name}`];
    },
  };
}
