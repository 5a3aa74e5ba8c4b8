import { z } from "zod";
import { impactOf } from "#core/calendar/cover/impact.ts";
import { teamCovers } from "#core/calendar/cover/team-cover.ts";
import type { CalendarEvent } from "#core/calendar/business/business-calendar.ts";
import { effectsOfEvents, freezesOfUnread } from "#core/calendar/business/effects.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { stagesBefore } from "#core/catalog/promotion-order.ts";
import type { Scope } from "#core/catalog/scope.ts";
import { matchesGlob } from "#core/catalog/scope.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import { reservedResource } from "#core/plan/reservation.ts";
import { nearestNames } from "#core/policy/nearest.ts";
import { environmentLock } from "#core/policy/rules/lock-free.ts";
import type { Span } from "#core/span.ts";
import { parseApproval } from "./approval.ts";
import { eventsInForce, storedEvents } from "./business-calendar.ts";
import { parseArtifact } from "./artifact.ts";
import { anyImport, importsFor, storedImports, storedSwaps, swapsFor } from "./cover.ts";
import { revisionAt, type Revision } from "./configuration.ts";
import { expectedDurations, history, historyOf } from "./duration.ts";
import { exemptionColumns, exemptionFacts, exemptionRow } from "./fact-exemptions.ts";
import { reportColumns, reportFacts, reportRow, type Wanted, wantedFor } from "./fact-reports.ts";
import { maxProfiles, profilesFor, storedProfile } from "./load-profile.ts";
import { heldLock, heldLockJson } from "./lock.ts";
import { agreedFor, storedAgreement } from "./negotiation.ts";
import { reservationsAt, storedReservations } from "./reservation.ts";
import { maxSetbacks, setbackJson, setbacks, storedSetback } from "./setback.ts";
import { organisationOf, type OrganisationCache } from "./organisation.ts";
import { deployedRow, stabilisingUntil } from "./stabilisation-end.ts";
import { instant, toTimestamp, whole } from "./row.ts";
import { preparedByText } from "./prepared.ts";
import { queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/** More than anybody plans; beyond it loading fails, and what cannot be judged does not go. */
export const factLimits = { approvals: 1_000, deployed: 10_000, bookings: 2_000 } as const;

/**
 * Everything that a verdict on the subject may depend on, as of `at`: documents, artifact, decisions, inventory,
 * bookings, reports and history in force at that instant. Locks are known only as they are now. One statement reads all
 * of it, hence one snapshot at any isolation level. What it looks for depends on the configuration, which is taken to be
 * the one that was read last; when the statement finds another one, it is made anew for that.
 */
export async function loadFacts(
  client: Queryable,
  cache: OrganisationCache,
  subject: Subject,
  at: Temporal.Instant,
  horizon: Temporal.Instant,
): Promise<Facts> {
  let revision: Pick<Revision, "revision" | "at" | "digest"> | null =
    lastRead.get(cache) ?? (await revisionAt(client, at));
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const organisation = await organisationOf(client, cache, revision);
    const wanted = wantedFor(organisation, subject);
    const team = organisation.services.get(subject.service)?.team ?? null;
    const statement = planOnce(factsStatement(subject, { from: at, to: horizon }, wanted, team));
    const read = await queryOne(client, statement, factsRow);
    if (read === null) throw new Error("a selection without a table has one row");
    if (read.revision?.digest === revision?.digest) {
      return factsOf(read, organisation, wanted, { subject, at, horizon });
    }
    revision = read.revision;
    if (revision !== null) lastRead.set(cache, revision);
  }
  throw new Error("the configuration changed again and again while facts were read; try again");
}

/** PostgreSQL plans it in about 15 ms and runs it in one. */
const planOnce = preparedByText("facts");

/** At read committed each statement may find another configuration; nobody applies so many in a row. */
const maxAttempts = 5;

const lastRead = new WeakMap<OrganisationCache, Pick<Revision, "revision" | "at" | "digest">>();

function factsOf(
  read: z.output<typeof factsRow>,
  organisation: Organisation,
  wanted: Wanted,
  { subject, at, horizon }: Pick<Facts, "subject" | "at" | "horizon">,
): Facts {
  const { services, environments } = organisation;
  const service = services.get(subject.service) ?? null;
  const environment = environments.get(subject.environment) ?? null;
  const impact = impactOf(services, subject.service);
  return {
    at,
    horizon,
    subject,
    service,
    environment,
    nearest: {
      services: service === null ? nearestNames(subject.service, services.keys()) : [],
      environments: environment === null ? nearestNames(subject.environment, environments.keys()) : [],
    },
    ...calendarFor(subject, organisation, read.events, new Set(read.calendars_read)),
    artifact: read.artifact,
    routes: organisation.routes,
    approvals: read.approvals,
    people: organisation.people,
    deployed: read.deployed,
    bookings: read.bookings,
    durations: expectedDurations(subject, [read.of_service, read.of_environment]),
    locks: read.locks,
    reservations: read.reservations,
    rollback: organisation.rollbacks.get(subject.service)?.plan ?? null,
    strategies: organisation.strategies,
    profiles: read.profiles,
    impact,
    rotas: teamCovers(impact, {
      declared: organisation.rotas,
      imported: read.imports,
      swaps: read.swaps,
      isAnyImported: read.any_import,
    }),
    agreedSlot: read.agreed,
    stagesBefore: stagesBefore(environments, subject.environment),
    sequences: wanted.sequences,
    setbacks: read.setbacks,
    ...reportFacts(read, subject, wanted, organisation, at),
    ...exemptionFacts(read, subject),
  };
}

/** What the calendar may say about the subject; the rules match scopes themselves. */
function calendarFor(
  subject: Subject,
  organisation: Organisation,
  events: readonly CalendarEvent[],
  calendarsRead: ReadonlySet<string>,
): Pick<Facts, "windows" | "freezes" | "cautions"> {
  const business = effectsOfEvents(organisation.calendars, events);
  const mayMatch = ({ scope }: { readonly scope: Scope }): boolean =>
    names(scope.environments, subject.environment) && names(scope.services, subject.service);
  return {
    windows: organisation.windows.filter(mayMatch),
    freezes: [
      ...organisation.freezes,
      ...business.freezes,
      ...freezesOfUnread(organisation.calendars, calendarsRead),
    ].filter(mayMatch),
    cautions: business.cautions.filter(mayMatch),
  };
}

function names(globs: readonly string[] | undefined, name: string): boolean {
  return globs === undefined || globs.some((glob) => matchesGlob(glob, name));
}

const place = { service: z.string(), version: z.string(), environment: z.string() };

const factsRow = z.object({
  revision: z.object({ revision: whole, at: instant, digest: z.string() }).nullable(),
  artifact: z.unknown().transform((value) => (value === null ? null : parseArtifact(value))),
  approvals: z.array(z.unknown().transform(parseApproval)).max(factLimits.approvals),
  deployed: z.array(deployedRow).max(factLimits.deployed),
  bookings: z.array(z.object({ id: z.string(), ...place, from: instant, to: instant })).max(factLimits.bookings),
  setbacks: z.array(storedSetback).max(maxSetbacks),
  locks: z.array(heldLock),
  reservations: storedReservations,
  of_service: history,
  of_environment: history,
  profiles: z.array(storedProfile).max(maxProfiles),
  imports: storedImports,
  swaps: storedSwaps,
  any_import: z.boolean(),
  agreed: storedAgreement,
  events: storedEvents,
  calendars_read: z.array(z.string()),
  ...reportRow,
  ...exemptionRow,
});

function factsStatement(subject: Subject, span: Span, wanted: Wanted, team: string | null): Statement {
  const { service, environment } = subject;
  const at = toTimestamp(span.from);
  const there = sql`d.environment = ${environment}`;
  return sql`select
    (select to_jsonb(r) from configuration_revision r where r.at <= ${at} order by r.revision desc limit 1) as revision,
    (select to_jsonb(a) from artifact a
      where a.service = ${service} and a.version = ${subject.version} and a.registered_at <= ${at}) as artifact,
    ${approvalsOf(subject, at)} as approvals,
    ${deployedThere(subject, at, wanted)} as deployed,
    ${bookedThere(subject, at, wanted)} as bookings,
    ${setbacksThere(subject, at, wanted)} as setbacks,
    ${lockOf(environment)} as locks,
    ${reservationsAt([environmentLock(environment), ...[...wanted.resources].map(reservedResource)], at)} as reservations,
    ${historyOf(sql`${there} and d.service = ${service}`, at)} as of_service,
    ${historyOf(there, at)} as of_environment,
    ${profilesFor(subject, at)} as profiles,
    ${importsFor(service, span)} as imports,
    ${swapsFor(service, span)} as swaps,
    ${anyImport(span.from)} as any_import,
    ${agreedFor(sql`${subject.onBehalfOf}`, at)} as agreed,
    ${eventsInForce(span, at)} as events,
    (select coalesce(jsonb_agg(s.calendar), '[]') from business_source s) as calendars_read,
    ${reportColumns(subject, span, wanted)},
    ${exemptionColumns(subject, span, team)}`;
}

/** All decisions on the version there, whatever content they bind to: the rule says which of them still count. */
function approvalsOf(subject: Subject, at: string): Statement {
  return sql`(select coalesce(jsonb_agg(to_jsonb(p) order by p.at, p.id), '[]') from (
      select * from approval
      where service = ${subject.service} and version = ${subject.version} and environment = ${subject.environment}
        and at <= ${at}
      limit ${factLimits.approvals + 1}) p)`;
}

/** Of the service, what it needs, what depends on it and what goes before it. */
function deployedThere(subject: Subject, at: string, wanted: Wanted): Statement {
  return sql`(select coalesce(jsonb_agg(to_jsonb(l) order by l.service), '[]') from (
      select d.service, d.version, d.environment, d.valid_from as since,
        ${stabilisingUntil(sql`d.deployment_id`, at)} as stabilising_until
      from deployed d
      where environment = ${subject.environment} and service = any(${[...namesNear(subject, wanted)]}::text[])
        and valid_from <= ${at} and (valid_to is null or valid_to > ${at})
      limit ${factLimits.deployed + 1}) l)`;
}

/**
 * Bookings, of the same services, that were open at the instant; the subject's own is no
 * obstacle to it.
 */
function bookedThere(subject: Subject, at: string, wanted: Wanted): Statement {
  const near = namesNear(subject, wanted);
  return sql`(select coalesce(jsonb_agg(to_jsonb(o) order by o."from", o.id), '[]') from (
      select b.id, b.service, b.version, b.environment, b.planned_from as "from", b.planned_to as "to"
      from deployment d join booking b on b.id = d.booking_id
      where d.service = any(${[...near]}::text[]) and d.environment = ${subject.environment} and d.requested_at <= ${at}
        and coalesce(d.ended_at, 'infinity'::timestamptz) > ${at}
        and (${subject.onBehalfOf}::text is null or ${subject.onBehalfOf} not in (d.id, b.id))
      limit ${factLimits.bookings + 1}) o)`;
}

function lockOf(environment: string): Statement {
  return sql`(select coalesce(jsonb_agg(${heldLockJson}), '[]')
      from environment_lock k where k.key = ${environmentLock(environment)})`;
}

/** Of what goes before the service in a sequence; nothing is read where it is in none. */
function setbacksThere({ environment }: Subject, at: string, { before }: Wanted): Statement {
  if (before.length === 0) return sql`'[]'::jsonb`;
  const which = sql`d.environment = ${environment} and d.service = any(${[...before]}::text[]) and d.ended_at <= ${at}`;
  return sql`(select coalesce(jsonb_agg(${setbackJson} order by s.service, s.version), '[]')
      from (${setbacks(which)} limit ${maxSetbacks + 1}) s)`;
}

function namesNear({ service }: Subject, { upstream, dependants, before }: Wanted): readonly string[] {
  return [service, ...upstream.map((each) => each.service), ...dependants.map(({ name }) => name), ...before];
}
