import {
  clip,
  difference,
  emptySet,
  isIn,
  msOf,
  msOfEnd,
  oneSpan,
  union,
  unionOf,
  type SpanSet,
} from "#core/calendar/span-set.ts";
import { isRestricted } from "#core/calendar/timetable.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { ScopeSubject } from "#core/catalog/scope.ts";
import { permitOf } from "#core/exemption/lane.ts";
import { windowsOver } from "#core/policy/calendar-over.ts";
import { nextBorder } from "#core/policy/calendar-timeline.ts";
import type { Facts } from "#core/policy/facts.ts";
import { stoppingFreezes, type FreezeFacts, type StoppingFreezes } from "#core/policy/freezes-stopping.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";

export type OpeningFacts = FreezeFacts & Pick<Facts, "service" | "environment" | "windows">;

/**
 * When the subject may run, between now and the horizon: in a window and in no freeze that stops it, or by the permission
 * of an emergency. `neededMs` is what it needs from its start on. null: a rule of the calendar cannot be read.
 */
export function openingSpans(
  facts: OpeningFacts,
  scope: ScopeSubject,
  environment: Environment,
  neededMs: number,
): SpanSet | null {
  const { at, horizon } = facts;
  const windows = windowsOver(facts.windows, scope, environment, at, horizon);
  const freezes = stoppingFreezes(facts, scope, environment);
  if (windows.faults.length + freezes.faults.length > 0) return null;
  const restricted = isRestricted(windows.matched.length, environment, scope);
  const allowed = restricted ? windows.open : oneSpan(msOf(at), msOfEnd(horizon));
  return union(difference(allowed, unionOf(stopping(freezes))), laneOpen(facts, freezes, neededMs));
}

/**
 * Where an emergency with permission may run: windows do not close it, freezes that it does not pass do. A start at the
 * end of the permission may still run to its end.
 */
function laneOpen(facts: FreezeFacts, freezes: StoppingFreezes, neededMs: number): SpanSet {
  const permit = permitOf(facts);
  if (permit === null) return emptySet;
  const lane = oneSpan(permit.from.epochMilliseconds, permit.to.epochMilliseconds + Math.ceil(neededMs));
  const within = clip(lane, facts.at.epochMilliseconds, facts.horizon.epochMilliseconds);
  return difference(within, unionOf(stopping(freezes)));
}

function stopping({ matched }: StoppingFreezes): readonly SpanSet[] {
  return matched.map(({ spans }) => spans);
}

/**
 * The end of the opening that the subject is in now; null: it is in none, no end is in sight, or nobody can tell.
 * Going back is not stopped by it; it is what the plan of the way back has to fit into.
 */
export function closingOf(facts: OpeningFacts, neededMs: number): Temporal.Instant | null {
  const scope = subjectScope(facts);
  if (scope === null || facts.environment === null) return null;
  const open = openingSpans(facts, scope, facts.environment, neededMs);
  if (open === null || !isIn(open, facts.at)) return null;
  return nextBorder(open, facts.at, facts.horizon);
}
