import { isEntitled, routeFor } from "#core/approval/count.ts";
import { personResolver } from "#core/approval/persons.ts";
import type { Facts } from "#core/policy/facts.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { makersOf } from "#core/release/artifact.ts";

export type Eligibility = "eligible" | "own-request" | "own-work" | "not-entitled";

/**
 * Whether a person's decision on the subject would count: neither requester nor maker, compared as persons, and named
 * by the route that applies (semantics §4). The rule `approved-by-another` asks the same when it counts.
 */
export function eligibilityOf(
  facts: Pick<Facts, "subject" | "service" | "environment" | "artifact" | "routes" | "people">,
  person: string,
): Eligibility {
  const resolve = personResolver(facts.people);
  const self = resolve(person);
  if (self === null) return "not-entitled";
  const { requestedBy } = facts.subject;
  if (requestedBy !== null && resolve(requestedBy) === self) return "own-request";
  if (makersOf(facts.artifact).some((maker) => resolve(maker) === self)) return "own-work";
  const scope = subjectScope(facts);
  const route = scope === null ? null : routeFor(facts.routes, scope);
  return route !== null && isEntitled(route, facts.people.get(self)) ? "eligible" : "not-entitled";
}
