import { impactOf } from "#core/calendar/cover/impact.ts";
import type { Environment } from "#core/catalog/environment.ts";
import { dependantsOf, upstreamOf } from "#core/catalog/graph.ts";
import { stagesBefore } from "#core/catalog/promotion-order.ts";
import { matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";
import { reservedResource, type Reservation } from "#core/plan/reservation.ts";
import { capacityResources, hasAppetite, resourcesOf, riskSums } from "#core/policy/booked-work.ts";
import type { Facts, NearestNames, Subject } from "#core/policy/facts.ts";
import { isAfter } from "#core/policy/moments.ts";
import type { Policy } from "#core/policy/policy.ts";
import { nearestNames } from "#core/policy/nearest.ts";
import { environmentLock } from "#core/policy/rules/lock-free.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import type { Artifact } from "#core/release/artifact.ts";
import { budgetOf, concerns, scoreOf } from "#core/release/newest.ts";
import { noPrefix, prefixOf, type Prefix } from "#core/world/chunked-map.ts";
import { coversOf } from "#core/world/cover-of.ts";
import { sequencesOf, servicesBefore } from "#core/release/sequence.ts";
import { heardSignal, type PromisedSignal } from "#core/release/silence.ts";
import type { ExpectedDuration, Signal } from "#core/release/state.ts";
import { withPassages } from "#core/world/passages.ts";
import {
  all,
  keyOf,
  knownAt,
  rowsOf,
  rowsUnder,
  type ShelfName,
  type ShelfRows,
  type World,
} from "#core/world/world.ts";

/** One question to a world: the subject as the catalog knows it. */
interface Asked extends Pick<Facts, "subject" | "service" | "environment" | "at" | "horizon"> {
  readonly world: World;
  /** null when service or environment are not known: then no scope can be matched. */
  readonly scope: ScopeSubject | null;
  readonly policies: Facts["policies"];
}

/**
 * The facts for one question, `[at, horizon)`, as the world has them: only what concerns the subject, what it needs,
 * what needs it, and what shares a resource with it. What the world dates after `at` is not known yet and left out:
 * nothing is judged by what has not happened. Lists that do not change between questions are the same objects.
 */
export function factsFor(world: World, subject: Subject, at: Temporal.Instant, horizon: Temporal.Instant): Facts {
  const { services, environments } = world.organisation;
  const service = services.get(subject.service) ?? null;
  const environment = environments.get(subject.environment) ?? null;
  const scope = subjectScope({ subject, service, environment });
  const policies = scope === null ? none : world.policies.matching(scope);
  const asked: Asked = { world, subject, service, environment, at, horizon, scope, policies };
  const artifact = artifactOf(asked);
  return together(asked, artifact, {
    calendar: calendarOf(asked),
    neighbours: neighboursOf(asked),
    reports: reportsOf(asked, artifact),
    shared: sharedOf(asked),
    standing: standingOf(asked),
    impact: impactOf(world.organisation.services, subject.service),
  });
}

interface Groups {
  readonly calendar: ReturnType<typeof calendarOf>;
  readonly neighbours: ReturnType<typeof neighboursOf>;
  readonly reports: ReturnType<typeof reportsOf>;
  readonly shared: ReturnType<typeof sharedOf>;
  readonly standing: ReturnType<typeof standingOf>;
  readonly impact: Facts["impact"];
}

/** Named one by one: an object put together from others by spreading them takes longer than finding what is in it. */
function together(asked: Asked, artifact: Facts["artifact"], groups: Groups): Facts {
  return {
    at: asked.at,
    horizon: asked.horizon,
    subject: asked.subject,
    service: asked.service,
    environment: asked.environment,
    nearest: nearestOf(asked),
    windows: groups.calendar.windows,
    freezes: groups.calendar.freezes,
    cautions: groups.calendar.cautions,
    routes: groups.calendar.routes,
    artifact,
    approvals: approvalsOf(asked),
    people: asked.world.organisation.people,
    durations: durationsOf(asked),
    locks: rowsOf(asked.world, "locks", environmentLock(asked.subject.environment)),
    reservations: groups.shared.reservations,
    rollback: asked.world.organisation.rollbacks.get(asked.subject.service)?.plan ?? null,
    strategies: asked.world.organisation.strategies,
    profiles: profilesOf(asked),
    impact: groups.impact,
    rotas: coversOf(asked.world, groups.impact),
    agreedSlot: agreedOf(asked),
    policies: asked.policies,
    upstream: groups.neighbours.upstream,
    dependants: groups.neighbours.dependants,
    deployed: groups.neighbours.deployed,
    bookings: groups.neighbours.bookings,
    signals: groups.neighbours.signals,
    sequences: groups.neighbours.sequences,
    setbacks: groups.neighbours.setbacks,
    stagesBefore: stagesOf(asked.world.organisation.environments, asked.subject.environment),
    evidence: groups.reports.evidence,
    verifications: groups.reports.verifications,
    passed: groups.reports.passed,
    tickets: groups.reports.tickets,
    errorBudget: groups.reports.errorBudget,
    riskScore: groups.reports.riskScore,
    recovery: groups.reports.recovery,
    usage: groups.shared.usage,
    exposure: groups.shared.exposure,
    holds: groups.standing.holds,
    stops: groups.standing.stops,
    exemptions: groups.standing.exemptions,
    overrides: overridesOf(asked),
    emergency: emergencyOf(asked),
    debts: asked.service === null ? none : rowsOf(asked.world, "debts", asked.service.team),
  };
}

const none: readonly never[] = [];
const noNames: NearestNames = { services: none, environments: none };

function nearestOf({ world, subject, service, environment }: Asked): NearestNames {
  if (service !== null && environment !== null) return noNames;
  const { services, environments } = world.organisation;
  return {
    services: service === null ? nearestNames(subject.service, services.keys()) : none,
    environments: environment === null ? nearestNames(subject.environment, environments.keys()) : none,
  };
}

/** What may match; of the routes also those with which a soft freeze passes. */
function calendarOf({ world, scope }: Asked): Pick<Facts, "windows" | "freezes" | "cautions" | "routes"> {
  if (scope === null) return { windows: none, freezes: none, cautions: none, routes: none };
  const freezes = world.freezes.matching(scope);
  return {
    windows: world.windows.matching(scope),
    freezes,
    cautions: world.cautions.matching(scope),
    routes: withPassages(world, world.routes.matching(scope), freezes),
  };
}

function approvalsOf({ world, subject, at }: Asked): Facts["approvals"] {
  const { service, version, environment } = subject;
  return knownAt(world, "approvals", rowsOf(world, "approvals", keyOf(service, version, environment)), at);
}

function artifactOf({ world, subject, at }: Asked): Artifact | null | "assumed" {
  if (world.assumed.has("artifacts")) return "assumed";
  const [found] = rowsOf(world, "artifacts", keyOf(subject.service, subject.version));
  return found !== undefined && (found.registeredAt === null || !isAfter(found.registeredAt, at)) ? found : null;
}

const fallbacks = new WeakMap<readonly ExpectedDuration[], Map<string, readonly ExpectedDuration[]>>();

/** Of the service there, else of everything there, as if it were its own. */
function durationsOf({ world, subject: { service, environment } }: Asked): readonly ExpectedDuration[] {
  const own = rowsOf(world, "durations", keyOf(environment, service));
  if (own.length > 0) return own;
  const there = rowsOf(world, "durations", keyOf(environment, all));
  if (there.length === 0) return none;
  const known = fallbacks.get(there) ?? new Map<string, readonly ExpectedDuration[]>();
  fallbacks.set(there, known);
  const found = known.get(service) ?? there.map((expected) => ({ ...expected, service }));
  known.set(service, found);
  return found;
}

function agreedOf({ world, subject }: Asked): Facts["agreedSlot"] {
  return subject.onBehalfOf === null ? null : (rowsOf(world, "agreed", subject.onBehalfOf)[0] ?? null);
}

/** Of the service and of what it depends on, in the environment asked about. */
function profilesOf({ world, subject, service }: Asked): Facts["profiles"] {
  if (world.shelves.profiles.size === 0) return none;
  const names = new Set([subject.service, ...(service?.dependsOn ?? []).map(({ on }) => on)]);
  return gathered(world, "profiles", names, prefixOf(keyOf(subject.environment, "")));
}

/** The list itself when no source has promised to report again. */
function heard(signals: readonly PromisedSignal[], at: Temporal.Instant): readonly Signal[] {
  const isPromised = ({ freshUntil }: PromisedSignal): boolean => freshUntil !== undefined;
  return signals.some(isPromised) ? signals.map((signal) => heardSignal(signal, at)) : signals;
}

type Neighbours = Pick<
  Facts,
  "upstream" | "dependants" | "deployed" | "bookings" | "signals" | "sequences" | "setbacks"
>;

/**
 * What is live and what is booked of the subject, of what it needs, of what needs it and of what goes before it, and how
 * they are.
 */
function neighboursOf({ world, subject, service, at }: Asked): Neighbours {
  const { services } = world.organisation;
  const upstream = upstreamOf(services, subject.service);
  const dependants = dependantsOf(services, subject.service);
  const near = new Set([subject.service]);
  for (const needed of upstream) near.add(needed.service);
  const signals = heard(knownAt(world, "signals", gathered(world, "signals", near, noPrefix), at), at);
  // What it needs is cut off at some distance; what it names itself is not.
  for (const { on } of service?.dependsOn ?? none) near.add(on);
  for (const { name } of dependants) near.add(name);
  const sequences = sequencesOf(world.organisation.sequences, subject.service, subject.environment);
  const before = sequences.length === 0 ? none : servicesBefore(sequences, subject.service);
  for (const name of before) near.add(name);
  const there = prefixOf(keyOf(subject.environment, ""));
  return {
    upstream,
    dependants,
    deployed: world.assumed.has("deployed")
      ? "assumed"
      : knownAt(world, "deployed", gathered(world, "deployed", near, there), at),
    bookings: ofOthers(world, subject, gathered(world, "bookings", near, there)),
    sequences,
    setbacks: knownAt(world, "setbacks", gathered(world, "setbacks", before, there), at),
    signals: signals.some(({ environment }) => environment !== null && environment !== subject.environment)
      ? signals.filter(({ environment }) => environment === null || environment === subject.environment)
      : signals,
  };
}

/** Without the subject's own booking, which is no obstacle to it; the list itself where it is not in it. */
function ofOthers(world: World, { onBehalfOf }: Subject, rows: Facts["bookings"]): Facts["bookings"] {
  if (onBehalfOf === null || rows.length === 0) return rows;
  const isOther = isOthers(world, onBehalfOf);
  return kept(rows, ({ id }) => id === null || isOther(id));
}

function isOthers(world: World, onBehalfOf: string | null): (booking: string) => boolean {
  if (onBehalfOf === null) return () => true;
  const [own] = rowsOf(world, "bookingOf", onBehalfOf);
  return (booking) => booking !== onBehalfOf && booking !== own;
}

const knownStages = new WeakMap<ReadonlyMap<string, Environment>, Map<string, readonly string[]>>();

function stagesOf(environments: ReadonlyMap<string, Environment>, name: string): readonly string[] {
  let stages = knownStages.get(environments);
  if (stages === undefined) {
    stages = new Map();
    knownStages.set(environments, stages);
  }
  if (!environments.has(name)) return none;
  const known = stages.get(name) ?? stagesBefore(environments, name);
  stages.set(name, known);
  return known;
}

function reportsOf(
  { world, subject, at }: Asked,
  artifact: Artifact | null | "assumed",
): Pick<Facts, "evidence" | "verifications" | "passed" | "tickets" | "errorBudget" | "riskScore" | "recovery"> {
  const { assumed } = world;
  const { service, version, environment } = subject;
  const digest = artifact === null || artifact === "assumed" ? null : artifact.digest;
  const known = <Name extends ShelfName>(name: Name, key: string | null): readonly ShelfRows[Name][] =>
    key === null ? none : knownAt(world, name, rowsOf(world, name, key), at);
  return {
    evidence: assumed.has("evidence") ? "assumed" : known("evidence", digest),
    verifications: assumed.has("verifications") ? "assumed" : known("verifications", digest),
    passed: assumed.has("passed") ? "assumed" : known("passed", digest),
    tickets: assumed.has("tickets")
      ? "assumed"
      : kept(known("tickets", service), (ticket) => concerns(ticket, subject)),
    errorBudget: assumed.has("errorBudgets") ? "assumed" : budgetOf(known("errorBudgets", service), environment, at),
    riskScore: assumed.has("riskScores")
      ? "assumed"
      : scoreOf(known("riskScores", keyOf(service, version, environment))),
    recovery: assumed.has("recoveries")
      ? "assumed"
      : kept(known("recoveries", service), (row) => row.environment === environment),
  };
}

/** What other work takes of resources and of the appetite for risk that the subject shares with it, and who has reserved. */
function sharedOf(asked: Asked): Pick<Facts, "usage" | "exposure" | "reservations"> {
  const { world, subject, policies, scope } = asked;
  const isOpen = ({ to }: Reservation): boolean => isAfter(to, asked.at);
  const there = kept(rowsOf(world, "reservations", environmentLock(subject.environment)), isOpen);
  if (scope === null || policies.length === 0 || !isAnythingShared(policies)) {
    return { usage: none, exposure: none, reservations: there };
  }
  const isOther = isOthers(world, subject.onBehalfOf);
  const resources = resourcesOf(policies, scope);
  const used = gathered(world, "usage", resources, noPrefix);
  const places = [environmentLock(subject.environment), ...[...resources].map(reservedResource)];
  return {
    usage: kept(used, ({ booking }) => isOther(booking)),
    exposure: exposureIn(asked, scope),
    reservations: resources.size === 0 ? there : kept(gathered(world, "reservations", places, noPrefix), isOpen),
  };
}

const sharing = new WeakMap<readonly Policy[], boolean>();

/** Whether any of the policies counts what others take; lists of policies are the same ones for many subjects. */
function isAnythingShared(policies: readonly Policy[]): boolean {
  const known = sharing.get(policies) ?? (hasAppetite(policies) || capacityResources(policies).size > 0);
  sharing.set(policies, known);
  return known;
}

/** A local day of any zone that holds the instant begins less than this before it. */
const dayBefore = { hours: 25 } as const;

function exposureIn({ world, subject, policies, at, horizon }: Asked, scope: ScopeSubject): Facts["exposure"] {
  const sums = riskSums(policies, scope);
  if (sums.size === 0) return none;
  const isOther = isOthers(world, subject.onBehalfOf);
  const since = at.subtract(dayBefore);
  const names = { environment: scope.environment, unit: scope.unit, region: scope.region };
  const keys = [...sums].flatMap((per) => {
    const name = names[per];
    return name === null ? [] : [keyOf(per, name)];
  });
  const found = kept(
    gathered(world, "exposure", keys, noPrefix),
    ({ booking, from }) => isOther(booking) && !isAfter(since, from) && isAfter(horizon, from),
  );
  return keys.length < 2 ? found : [...new Map(found.map((risk) => [risk.booking, risk])).values()];
}

/** What somebody has placed or granted, as far as it has not ended and may be about the subject. */
function standingOf({ world, at, scope }: Asked): Pick<Facts, "holds" | "stops" | "exemptions"> {
  const isOpen = ({ until }: { readonly until: Temporal.Instant | null }): boolean =>
    until === null || isAfter(until, at);
  const isAbout = (row: { readonly scope: Scope }): boolean => scope === null || matchesScope(row.scope, scope);
  return {
    holds: kept(rowsOf(world, "holds", all), (hold) => isOpen(hold) && isAbout(hold)),
    stops: kept(rowsOf(world, "stops", all), isOpen),
    exemptions: kept(rowsOf(world, "exemptions", all), (exemption) => isOpen(exemption) && isAbout(exemption)),
  };
}

/** The list itself when all of it is kept. */
function kept<Row>(rows: readonly Row[], keeps: (row: Row) => boolean): readonly Row[] {
  if (rows.length === 0) return none;
  return rows.every(keeps) ? rows : rows.filter(keeps);
}

/** For this content, and for this work alone. */
function overridesOf({ world, subject: { contentDigest, onBehalfOf } }: Asked): Facts["overrides"] {
  if (contentDigest === null || onBehalfOf === null) return none;
  const granted = rowsOf(world, "overrides", contentDigest);
  return granted.every(({ deployment }) => deployment === onBehalfOf)
    ? granted
    : granted.filter(({ deployment }) => deployment === onBehalfOf);
}

function emergencyOf({ world, subject, at }: Asked): Facts["emergency"] {
  const { service, version, environment } = subject;
  const tickets = rowsOf(world, "emergencies", service);
  return (
    tickets.find(
      (ticket) =>
        ticket.version === version && ticket.environments.includes(environment) && !isAfter(ticket.openedAt, at),
    ) ?? null
  );
}

/** The rows under the prefix and all these names, in their order; the stored list itself where there is only one. */
function gathered<Name extends ShelfName>(
  world: World,
  shelf: Name,
  names: Iterable<string>,
  prefix: Prefix,
): readonly ShelfRows[Name][] {
  if (world.shelves[shelf].size === 0) return none;
  let found: readonly ShelfRows[Name][] = none;
  let own: ShelfRows[Name][] | null = null;
  for (const name of names) {
    const rows = rowsUnder(world, shelf, prefix, name);
    if (rows.length === 0) continue;
    if (found.length === 0) {
      found = rows;
      continue;
    }
    own ??= found.slice();
    found = own;
    for (const row of rows) own.push(row);
  }
  return found;
}
