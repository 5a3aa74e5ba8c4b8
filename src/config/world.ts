import type { Document } from "#config/document.ts";
import type { StateFacts } from "#config/kinds/state.ts";
import { checkDocuments } from "#config/organisation.ts";
import { type Problem, sortProblems } from "#config/problem.ts";
import { exemptionFactsOf, noExemptionState } from "#config/state-exemptions.ts";
import { noReportState } from "#config/state-reports.ts";
import { parseSources, type SourceFile } from "#config/source.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import { reportFactsOf } from "#core/policy/report-facts.ts";
import { factsFor } from "#core/world/facts-for.ts";
import { keyOf, withShelf, worldOf, type Assumable, type World as Indexed } from "#core/world/world.ts";

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
  setbacks: [],
  locks: [],
  reservations: [],
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
export function factsFrom(world: World, subject: Subject, at: Temporal.Instant, horizon: Temporal.Instant): Facts {
  const { organisation, state } = world;
  const { policies, services, environments } = organisation;
  const facts = factsFor(indexed(world), subject, at, horizon);
  const digest = facts.artifact === null || facts.artifact === "assumed" ? null : facts.artifact.digest;
  const { bookings } = state;
  return {
    ...facts,
    ...exemptionFactsOf(state, subject, facts.service?.team ?? null, at),
    ...reportFactsOf(state, { subject, at, digest, policies, services, environments, bookings }),
  };
}

// A folder is read once and asked many questions.
const indexes = new WeakMap<World, Indexed>();

/** The folder as the world that verdicts are judged in, wherever it comes from. */
function indexed(world: World): Indexed {
  const known = indexes.get(world) ?? indexOf(world);
  indexes.set(world, known);
  return known;
}

interface Placed {
  readonly environment: string;
  readonly service: string;
}

const there = ({ environment, service }: Placed): readonly string[] => [keyOf(environment, service)];

function indexOf({ organisation, state }: World): Indexed {
  // Reports are read as of the instant of each question, and laid over these.
  const assumed = new Set<Assumable>([
    "evidence",
    "verifications",
    "tickets",
    "errorBudgets",
    "riskScores",
    "recoveries",
    "passed",
  ]);
  if (state.artifacts === "assumed") assumed.add("artifacts");
  if (state.deployed === "assumed") assumed.add("deployed");
  const artifacts = state.artifacts === "assumed" ? [] : state.artifacts;
  const deployed = state.deployed === "assumed" ? [] : state.deployed;
  let found = worldOf(organisation, assumed);
  found = withShelf(found, "artifacts", artifacts, ({ service, version }) => [keyOf(service, version)]);
  found = withShelf(found, "approvals", state.approvals, (row) => [keyOf(row.service, row.version, row.environment)]);
  found = withShelf(found, "deployed", deployed, there);
  found = withShelf(found, "bookings", state.bookings, there);
  found = withShelf(found, "durations", state.durations, there);
  found = withShelf(found, "setbacks", state.setbacks, there);
  found = withShelf(found, "profiles", state.profiles, there);
  found = withShelf(found, "locks", state.locks, ({ key }) => [key]);
  found = withShelf(found, "reservations", state.reservations, ({ place }) => [place]);
  found = withShelf(found, "imported", state.imported, ({ team }) => [team]);
  found = withShelf(found, "signals", state.signals, ({ service }) => [service]);
  return withShelf(found, "swaps", state.swaps, ({ team }) => [team]);
}
