import type { Document } from "#config/document.ts";
import type { StateFacts } from "#config/kinds/state.ts";
import { checkDocuments } from "#config/organisation.ts";
import { type Problem, sortProblems } from "#config/problem.ts";
import { exemptionFactsOf, noExemptionState } from "#config/state-exemptions.ts";
import { noReportState } from "#config/state-reports.ts";
import { parseSources, type SourceFile } from "#config/source.ts";
import type { LoadProfile } from "#core/calendar/advice/load-profile.ts";
import { impactOf } from "#core/calendar/cover/impact.ts";
import { teamCovers } from "#core/calendar/cover/team-cover.ts";
import { dependantsOf, upstreamOf } from "#core/catalog/graph.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { stagesBefore } from "#core/catalog/promotion-order.ts";
import type { Service } from "#core/catalog/service.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import { nearestNames } from "#core/policy/nearest.ts";
import { noReports } from "#core/policy/no-reports.ts";
import { reportFactsOf } from "#core/policy/report-facts.ts";
import type { Artifact } from "#core/release/artifact.ts";

/** A folder as a world of its own: what is declared, and what is said to be the state of things. */
export interface World {
  readonly organisation: Organisation;
  readonly state: StateFacts;
}

/** What reading a folder came to. */
export interface Checked {
  readonly documents: readonly Document[];
  /** null when there is an error. */
  readonly world: World | null;
  /** Errors and warnings, sorted by place; empty when nothing is wrong. */
  readonly problems: readonly Problem[];
}

/** Without State there are no approvals and no locks; artifacts and deployed versions are taken as known. */
export const noState: StateFacts = {
  artifacts: "assumed",
  deployed: "assumed",
  bookings: [],
  approvals: [],
  durations: [],
  signals: [],
  locks: [],
  profiles: [],
  imported: [],
  swaps: [],
  ...noReportState,
  ...noExemptionState,
};

/** Texts to a checked world in one go: the work of `lint`, `apply` and `--from`. Never throws. */
export function checkSources(files: readonly SourceFile[]): Checked {
  const { documents, problems: textProblems, coverage } = parseSources(files);
  const { organisation, state, problems } = checkDocuments(documents, coverage);
  const world = organisation === null || textProblems.length > 0 ? null : { organisation, state: state ?? noState };
  return { documents, world, problems: sortProblems([...textProblems, ...problems]) };
}

/**
 * The facts for one question, `[at, horizon)`. What the state dates after `at` is not known yet and left out: nothing
 * is judged by what has not happened.
 */
export function factsFrom(
  { organisation, state }: World,
  subject: Subject,
  at: Temporal.Instant,
  horizon: Temporal.Instant,
): Facts {
  const { services, environments } = organisation;
  const service = services.get(subject.service) ?? null;
  const environment = environments.get(subject.environment) ?? null;
  const impact = impactOf(services, subject.service);
  const isPast = (instant: Temporal.Instant): boolean => Temporal.Instant.compare(instant, at) <= 0;
  const artifact = artifactOf(state, subject, isPast);
  const digest = artifact === null || artifact === "assumed" ? null : artifact.digest;
  const { policies } = organisation;
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
    windows: organisation.windows,
    freezes: organisation.freezes,
    artifact,
    routes: organisation.routes,
    approvals: state.approvals.filter((approval) => isPast(approval.at)),
    people: organisation.people,
    deployed: state.deployed === "assumed" ? "assumed" : state.deployed.filter(({ since }) => isPast(since)),
    bookings: state.bookings,
    durations: state.durations,
    signals: state.signals.filter(({ since }) => isPast(since)),
    locks: state.locks,
    strategies: organisation.strategies,
    profiles: profilesOf(state, subject, service),
    impact,
    rotas: teamCovers(impact, { declared: organisation.rotas, imported: state.imported, swaps: state.swaps }),
    agreedSlot: null,
    cautions: [],
    upstream: upstreamOf(services, subject.service),
    dependants: dependantsOf(services, subject.service),
    stagesBefore: stagesBefore(environments, subject.environment),
    ...noReports,
    policies,
    ...exemptionFactsOf(state, subject, service?.team ?? null, at),
    ...reportFactsOf(state, { subject, at, digest, policies, services, environments, bookings: state.bookings }),
  };
}

/** Of the service and of what it depends on, in the environment asked about. */
function profilesOf({ profiles }: StateFacts, subject: Subject, service: Service | null): readonly LoadProfile[] {
  const named = new Set([subject.service, ...(service?.dependsOn ?? []).map(({ on }) => on)]);
  return profiles.filter((profile) => profile.environment === subject.environment && named.has(profile.service));
}

function artifactOf(
  { artifacts }: StateFacts,
  { service, version }: Subject,
  isPast: (instant: Temporal.Instant) => boolean,
): Artifact | null | "assumed" {
  if (artifacts === "assumed") return "assumed";
  const found = artifacts.find((artifact) => artifact.service === service && artifact.version === version);
  return found !== undefined && (found.registeredAt === null || isPast(found.registeredAt)) ? found : null;
}
