import { isEntitled, routeFor } from "#core/approval/count.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import { rosterOf } from "#core/calendar/cover/on-duty.ts";
import type { TeamCover } from "#core/calendar/cover/rota.ts";
import { spansOf } from "#core/calendar/expand.ts";
import type { WindowPlace } from "#core/calendar/lint-places.ts";
import {
  intersection,
  isEmpty,
  nextOpening,
  previousOpening,
  setOfSpans,
  spansIn,
  unionOf,
  type SpanSet,
} from "#core/calendar/span-set.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Person } from "#core/catalog/people.ts";
import type { WorkingHours } from "#core/catalog/working-hours.ts";
import type { Span } from "#core/span.ts";

/** Who may approve, and when they can be reached. */
export interface Approving {
  readonly routes: readonly ApprovalRoute[];
  readonly people: ReadonlyMap<string, Person>;
  /** By person. Of a person who is not in it nothing is known. */
  readonly workingHours: ReadonlyMap<string, WorkingHours>;
  readonly covers: readonly TeamCover[];
  /** How long before a window opens somebody may still decide. */
  readonly decisionTime: Temporal.Duration;
}

export interface ApproversAsleep {
  readonly window: Window;
  /** What follows the name of the window in a sentence. */
  readonly message: string;
}

export interface ApproversLint {
  readonly asleep: readonly ApproversAsleep[];
  /** Windows whose changes need approval by somebody whose hours nobody stated: nothing is said of them. */
  readonly unknown: number;
}

/** An hour: whoever asks for an approval does so before the window opens. */
export const defaultDecisionTime = Temporal.Duration.from({ hours: 1 });
/** Approvers that a message names. */
const namedApprovers = 5;
/** How far around a window the nearest waking hour is looked for: a long weekend and a holiday week. */
const nearestDays = 14;

/**
 * Windows in which nobody is awake who may approve what they let through: neither in any of their openings within the
 * range nor in the decision time before one. Awake is who has stated working hours or a shift then. One approver
 * whose hours nobody stated may be awake at any time, so nothing is said of that window.
 */
export function lintApprovers(
  places: ReadonlyMap<Window, readonly WindowPlace[]>,
  approving: Approving,
  between: Span,
): ApproversLint {
  const reach = makeReach(approving, between);
  const asleep: ApproversAsleep[] = [];
  let unknown = 0;
  for (const [window, all] of places) {
    const found = [...questionsOf(window, all, approving.routes)].map((question) =>
      judge(window, question, approving, between, reach),
    );
    const first = found.find((one) => typeof one === "object");
    if (first !== undefined) asleep.push(first);
    else if (found.includes("unknown")) unknown += 1;
  }
  return { asleep, unknown };
}

/** One route that changes in a window need, with the zone in which the window is read for them. */
interface Question {
  readonly route: ApprovalRoute;
  readonly zone: string;
  readonly environment: string;
}

function questionsOf(
  { rule }: Window,
  places: readonly WindowPlace[],
  routes: readonly ApprovalRoute[],
): Iterable<Question> {
  const found = new Map<string, Question>();
  for (const { environment, subject } of places) {
    const route = routeFor(routes, subject);
    if (route === null || route.approvals === 0) continue;
    const zone = rule.zone === "target" ? environment.zone : rule.zone;
    const key = `${zone} ${route.name}`;
    if (!found.has(key)) found.set(key, { route, zone, environment: environment.name });
  }
  return found.values();
}

/** When a person can be reached, over more than the range; null where nobody knows. */
type Reach = (person: string) => SpanSet | null;

function makeReach({ workingHours, covers }: Approving, between: Span): Reach {
  const around = widen(between, nearestDays);
  const rosters = covers.map((cover) => ({ cover, roster: rosterOf(cover, around) }));
  const known = new Map<string, SpanSet | null>();
  const find = (person: string): SpanSet | null => {
    const stated = workingHours.get(person);
    if (stated === undefined) return null;
    const sets: SpanSet[] = [];
    for (const rule of stated.rules) {
      const spans = spansOf("window", rule, stated.zone, around);
      if (!spans.ok) return null;
      sets.push(spans.value);
    }
    for (const { cover, roster } of rosters) {
      if (roster.ok) sets.push(roster.value.get(person) ?? setOfSpans([]));
      else if (cover.shifts.some(({ persons }) => persons.includes(person))) return null;
    }
    return unionOf(sets);
  };
  return (person) => {
    if (!known.has(person)) known.set(person, find(person));
    return known.get(person) ?? null;
  };
}

function widen({ from, to }: Span, days: number): Span {
  return { from: from.subtract({ hours: 24 * days }), to: to.add({ hours: 24 * days }) };
}

interface Awake {
  readonly person: string;
  readonly zone: string;
  readonly set: SpanSet;
}

function judge(
  window: Window,
  { route, zone, environment }: Question,
  { people, workingHours, decisionTime }: Approving,
  between: Span,
  reach: Reach,
): ApproversAsleep | "unknown" | "awake" {
  const opens = spansOf("window", window.rule, zone, between);
  // A window that cannot be read or never opens is the matter of other hints.
  if (!opens.ok || isEmpty(opens.value)) return "awake";
  const approvers: Awake[] = [];
  for (const person of people.values()) {
    if (!isEntitled(route, person)) continue;
    const set = reach(person.name);
    if (set === null) return "unknown";
    approvers.push({ person: person.name, zone: workingHours.get(person.name)?.zone ?? "UTC", set });
  }
  const lead = shorter(decisionTime, route.validFor);
  const openings = spansIn(opens.value);
  const decide = openings.map(({ from, to }) => ({ from: from.subtract(lead), to }));
  const anyone = unionOf(approvers.map(({ set }) => set));
  const [first] = openings;
  if (first === undefined || !isEmpty(intersection(anyone, setOfSpans(decide)))) return "awake";
  const times = openings.length === 1 ? "opens once" : `opens ${openings.length} times`;
  const said = first.from.toZonedDateTimeISO(zone).toString({ smallestUnit: "minute" });
  return {
    window,
    message:
      `${times}, first at ${said}, and nobody who may approve by the route ${route.name} is awake then or within ` +
      `${lead.toString()} before it in ${environment}: ${sayApprovers(approvers)}. ` +
      sayNearest(approvers, { from: first.from.subtract(lead), to: first.to }),
  };
}

/** An approval that is older than the route lets it be no longer counts when the window opens. */
function shorter(decisionTime: Temporal.Duration, validFor: Temporal.Duration | null): Temporal.Duration {
  if (validFor === null || Temporal.Duration.compare(decisionTime, validFor) <= 0) return decisionTime;
  return validFor;
}

function sayApprovers(approvers: readonly Awake[]): string {
  if (approvers.length === 0) return "no person is entitled";
  const more = approvers.length - namedApprovers;
  const named = approvers.slice(0, namedApprovers).map(({ person, zone }) => `${person} (${zone})`);
  return `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Where an approver's waking hours come nearest to the first opening. */
function sayNearest(approvers: readonly Awake[], first: Span): string {
  const advice = "Move the window, name an approver in another zone, or give one of them a shift.";
  let best: { readonly distanceMs: number; readonly said: string } | null = null;
  for (const { person, zone, set } of approvers) {
    const sides = [
      { word: "until", at: previousOpening(set, first.from)?.to, from: first.from },
      { word: "from", at: nextOpening(set, first.to)?.from, from: first.to },
    ];
    for (const { word, at, from } of sides) {
      if (at === undefined) continue;
      const distanceMs = Math.abs(at.epochMilliseconds - from.epochMilliseconds);
      if (best !== null && distanceMs >= best.distanceMs) continue;
      const local = at.toZonedDateTimeISO(zone).toString({ smallestUnit: "minute" });
      best = { distanceMs, said: `The nearest is ${person}, awake ${word} ${local}. ` };
    }
  }
  return `${best?.said ?? ""}${advice}`;
}
