import { isEntitled } from "#core/approval/count.ts";
import { personResolver } from "#core/approval/persons.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import type { Person } from "#core/catalog/people.ts";
import type { Approve } from "#core/plan/guard.ts";

/** A decision on what a run is going to do. */
export interface StepDecision {
  readonly person: string;
  readonly decision: "approved" | "rejected";
  readonly contentDigest: string;
  readonly reason: string;
  readonly at: Temporal.Instant;
  readonly isSigned: boolean;
}

/** Names of persons or accounts whose consent never counts, compared as persons (semantics §4). */
export interface Barred {
  /** Started the run, or answers for it. */
  readonly ofRun: readonly string[];
  /** Brought the runbook, or made what it releases. */
  readonly ofWork: readonly string[];
  /** Answered a step of the run: they carry it out. */
  readonly ofDeeds: readonly string[];
}

export interface ConsentStanding {
  readonly rejectedBy: string | null;
  /** Distinct persons whose consent counts, by name. */
  readonly approvedBy: readonly string[];
}

/** Why somebody's decision would not count; null when it would. */
export function whyNoConsent(
  action: Approve,
  name: string,
  barred: Barred,
  people: ReadonlyMap<string, Person>,
): "own-request" | "own-work" | "own-answer" | "not-entitled" | null {
  const resolve = personResolver(people);
  const self = resolve(name);
  const isAmong = (names: readonly string[]): boolean => names.some((one) => (resolve(one) ?? one) === self);
  if (self === null) return "not-entitled";
  if (isAmong(barred.ofRun)) return "own-request";
  if (isAmong(barred.ofWork)) return "own-work";
  if (isAmong(barred.ofDeeds)) return "own-answer";
  return isEntitled(routeOf(action), people.get(self)) ? null : "not-entitled";
}

/**
 * Whether this person has approved what the run does, whatever became of the content: approver and implementer are two
 * persons (semantics §4), whichever of the two comes first.
 */
export function hasApproved(
  name: string,
  decisions: readonly Pick<StepDecision, "person" | "decision">[],
  people: ReadonlyMap<string, Person>,
): boolean {
  const resolve = personResolver(people);
  const self = resolve(name) ?? name;
  return decisions.some(({ person, decision }) => decision === "approved" && (resolve(person) ?? person) === self);
}

/** Where consent to a content stands; what was decided on another content does not count. */
export function consentTo(
  digest: string,
  action: Approve,
  decisions: readonly StepDecision[],
  barred: Barred,
  people: ReadonlyMap<string, Person>,
): ConsentStanding {
  const own = decisions.filter(({ contentDigest }) => contentDigest === digest);
  const counted = own.filter(
    ({ person, decision, isSigned }) =>
      decision === "approved" &&
      (isSigned || !action.signature) &&
      whyNoConsent(action, person, barred, people) === null,
  );
  const resolve = personResolver(people);
  return {
    rejectedBy: own.find(({ decision }) => decision === "rejected")?.person ?? null,
    approvedBy: [...new Set(counted.map(({ person }) => resolve(person) ?? person))].toSorted(),
  };
}

/** The step asks as a route does, so that who is entitled has one answer everywhere. */
function routeOf({ roles, teams, approvals }: Approve): ApprovalRoute {
  return { name: "", scope: {}, priority: 0, approvals, roles, teams, validFor: null };
}
