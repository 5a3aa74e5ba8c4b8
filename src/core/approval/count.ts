import { can } from "#core/access/can.ts";
import type { Approval } from "#core/approval/approval.ts";
import { personResolver } from "#core/approval/persons.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import type { Person } from "#core/catalog/people.ts";
import { bindsAction, matchesScope, type ScopeSubject } from "#core/catalog/scope.ts";
import type { Facts } from "#core/policy/facts.ts";
import { momentsWithin } from "#core/policy/moments.ts";
import { after } from "#core/policy/say.ts";
import { compareInstants } from "#core/span.ts";

/** What consent is asked for. */
export interface Content {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** Digest over everything that will run; null when the question is asked without a request. */
  readonly digest: string | null;
  readonly requestedBy: string | null;
  readonly author: string | null;
  /** Person who registered it; null for a machine. */
  readonly registrant: string | null;
}

/** Where the consent to a content stands at one instant. */
export interface Standing {
  /** Person who rejected; final for the content. */
  readonly rejectedBy: string | null;
  /** Distinct entitled persons whose consent counts, in order of name. */
  readonly approvedBy: readonly string[];
  /** Approvals that do not count, with the reason. */
  readonly ignored: readonly Ignored[];
}

export interface Ignored {
  readonly person: string;
  readonly why: "requester" | "author" | "registrant" | "other-content" | "not-entitled" | "unknown-person" | "expired";
}

/**
 * The matching route with the highest priority; among equals the first by name. Null when none matches: a route that names
 * no actions asks nothing of what goes back, which was agreed to when it went live (ADR 36).
 */
export function routeFor(routes: readonly ApprovalRoute[], subject: ScopeSubject): ApprovalRoute | null {
  let best: ApprovalRoute | null = null;
  for (const route of routes) {
    if (!bindsAction(route.scope, subject.action) || !matchesScope(route.scope, subject)) continue;
    const isBetter =
      best === null || route.priority > best.priority || (route.priority === best.priority && route.name < best.name);
    if (isBetter) best = route;
  }
  return best;
}

/**
 * True when the person's consent counts on the route: the route names one of their roles or teams, and what they are
 * lets them decide at all (an auditor, a mere viewer may not). A route that names nobody is open to everybody.
 */
export function isEntitled(route: ApprovalRoute, person: Person | undefined): boolean {
  if (route.roles.length === 0 && route.teams.length === 0) return true;
  if (person === undefined || !can({ person }, "approval.decide").allowed) return false;
  return (
    route.roles.some((role) => person.roles.includes(role)) || route.teams.some((team) => person.teams.includes(team))
  );
}

/** The standing at an instant: approvals given later do not count yet, those older than `validFor` no longer do. */
export function standingAt(
  route: ApprovalRoute,
  approvals: readonly Approval[],
  content: Content,
  people: ReadonlyMap<string, Person>,
  at: Temporal.Instant,
): Standing {
  const resolve = personResolver(people);
  const barred = barredFrom(content, people);
  const counted = new Set<string>();
  const ignored: Ignored[] = [];
  let rejectedBy: string | null = null;
  for (const approval of approvals) {
    if (!concerns(approval, content) || compareInstants(approval.at, at) > 0) continue;
    const person = resolve(approval.person);
    if (approval.decision === "rejected") {
      if (mayBeSameContent(approval, content)) rejectedBy ??= person ?? approval.person;
      continue;
    }
    const why = whyIgnored({ route, approval, content, at, person, barred, people });
    if (why === null && person !== null) counted.add(person);
    else if (why !== null) ignored.push({ person: person ?? approval.person, why });
  }
  return { rejectedBy, approvedBy: [...counted].sort(), ignored: ignored.filter(({ person }) => !counted.has(person)) };
}

/** Persons whose consent never counts for a content. */
export interface Barred {
  readonly requester: string | null;
  readonly author: string | null;
  readonly registrant: string | null;
}

export function barredFrom(content: Content, people: ReadonlyMap<string, Person>): Barred {
  const resolve = personResolver(people);
  return {
    requester: resolved(resolve, content.requestedBy),
    author: resolved(resolve, content.author),
    registrant: resolved(resolve, content.registrant),
  };
}

export function contentOf({ subject, artifact }: Pick<Facts, "subject" | "artifact">): Content {
  return {
    service: subject.service,
    version: subject.version,
    environment: subject.environment,
    digest: subject.contentDigest,
    requestedBy: subject.requestedBy,
    author: artifact === null || artifact === "assumed" ? null : artifact.author,
    registrant: artifact === null || artifact === "assumed" ? null : (artifact.registeredBy ?? null),
  };
}

function resolved(resolve: (name: string) => string | null, name: string | null): string | null {
  return name === null ? null : (resolve(name) ?? name);
}

function concerns(approval: Approval, content: Content): boolean {
  return (
    approval.service === content.service &&
    approval.version === content.version &&
    approval.environment === content.environment
  );
}

/** A rejection without a digest may have meant this content: it counts. An approval without one does not. */
function mayBeSameContent(approval: Approval, content: Content): boolean {
  return content.digest === null || approval.contentDigest === null || approval.contentDigest === content.digest;
}

interface Question {
  readonly route: ApprovalRoute;
  readonly approval: Approval;
  readonly content: Content;
  readonly at: Temporal.Instant;
  readonly person: string | null;
  readonly barred: Barred;
  readonly people: ReadonlyMap<string, Person>;
}

function whyIgnored({ route, approval, content, at, person, barred, people }: Question): Ignored["why"] | null {
  if (person === null) return "unknown-person";
  if (person === barred.requester) return "requester";
  if (person === barred.author) return "author";
  if (person === barred.registrant) return "registrant";
  if (content.digest !== null && approval.contentDigest !== content.digest) return "other-content";
  if (!isEntitled(route, people.get(person))) return "not-entitled";
  const expiresAt = expiryOf(route, approval);
  return expiresAt !== null && compareInstants(expiresAt, at) <= 0 ? "expired" : null;
}

/** First instant at which the approval no longer counts; null for never. */
export function expiryOf(route: ApprovalRoute, approval: Approval): Temporal.Instant | null {
  return route.validFor === null ? null : after(approval.at, route.validFor);
}

/** Entitled persons who have not approved and neither asked for it nor made it, in order of name. */
export function couldApprove(
  route: ApprovalRoute,
  content: Content,
  people: ReadonlyMap<string, Person>,
  standing: Standing,
): readonly string[] {
  const { requester, author, registrant } = barredFrom(content, people);
  const names = entitledOn(route, people);
  const taken = new Set([requester, author, registrant, ...standing.approvedBy]);
  const left: string[] = [];
  let next = 0;
  // Few are taken and many may be entitled, so what lies between two of them is copied as a whole.
  for (const place of placesOf(names, taken)) {
    for (; next < place; next++) left.push(names[next] ?? "");
    next = place + 1;
  }
  return next === 0 ? names : left.concat(names.slice(next));
}

/** Places of those of the wanted that are among the names, in order; the names are in order too. */
function placesOf(names: readonly string[], wanted: ReadonlySet<string | null>): readonly number[] {
  const places: number[] = [];
  for (const name of wanted) {
    if (name === null) continue;
    let low = 0;
    let high = names.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((names[middle] ?? "") < name) low = middle + 1;
      else high = middle;
    }
    if (names[low] === name) places.push(low);
  }
  return places.sort((a, b) => a - b);
}

// Directory and route are values: whom the one entitles on the other is looked up once for both.
const entitled = new WeakMap<ReadonlyMap<string, Person>, WeakMap<ApprovalRoute, readonly string[]>>();

/** Names of the entitled, in order. */
function entitledOn(route: ApprovalRoute, people: ReadonlyMap<string, Person>): readonly string[] {
  const ofPeople = entitled.get(people) ?? new WeakMap<ApprovalRoute, readonly string[]>();
  entitled.set(people, ofPeople);
  const known = ofPeople.get(route);
  if (known !== undefined) return known;
  const names = [...people.values()].filter((person) => isEntitled(route, person)).map(({ name }) => name);
  names.sort();
  ofPeople.set(route, names);
  return names;
}

/** The instants in `(from, to)` at which the standing may change, in order. */
export function changesWithin(
  route: ApprovalRoute,
  approvals: readonly Approval[],
  content: Content,
  from: Temporal.Instant,
  to: Temporal.Instant,
): readonly Temporal.Instant[] {
  const own = approvals.filter((approval) => concerns(approval, content));
  const changes = own.flatMap((approval) => [approval.at, expiryOf(route, approval) ?? approval.at]);
  return momentsWithin(changes, from, to);
}
