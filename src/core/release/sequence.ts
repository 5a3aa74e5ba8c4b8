import { matchesGlob } from "#core/catalog/scope.ts";
import { parseRange, parseVersion, satisfies } from "#core/release/semver.ts";

/** Releases of several services that go one after the other, in every environment that it names by itself. */
export interface Sequence {
  readonly name: string;
  /** Person or team that answers for the order. */
  readonly owner: string;
  /** Globs. */
  readonly environments: readonly string[];
  readonly releases: readonly SequencedRelease[];
}

export interface SequencedRelease {
  /** Unique in the sequence. */
  readonly name: string;
  readonly service: string;
  /** Semver range; null: any version. */
  readonly versions: string | null;
  /** Names of releases of the sequence that go before it. */
  readonly after: readonly string[];
  /** For so long it is live before what comes after it may begin. */
  readonly soak: Temporal.Duration;
}

/** A version that came back from an environment, or never arrived: it was taken back, or its deployment failed. */
export interface Setback {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly at: Temporal.Instant;
}

/** Releases of one sequence at most. */
export const maxReleases = 50;

const byService = new WeakMap<readonly Sequence[], ReadonlyMap<string, readonly Sequence[]>>();
const none: readonly never[] = [];

/** Those that say something about the service in the environment. */
export function sequencesOf(all: readonly Sequence[], service: string, environment: string): readonly Sequence[] {
  if (all.length === 0) return none;
  const known = byService.get(all) ?? indexOf(all);
  byService.set(all, known);
  const found = known.get(service) ?? none;
  return found.every((one) => isThere(one, environment)) ? found : found.filter((one) => isThere(one, environment));
}

function indexOf(all: readonly Sequence[]): ReadonlyMap<string, readonly Sequence[]> {
  const services = new Set(all.flatMap(({ releases }) => releases.map(({ service }) => service)));
  return new Map(
    [...services].map((name) => [name, all.filter(({ releases }) => releases.some(({ service }) => service === name))]),
  );
}

function isThere({ environments }: Sequence, environment: string): boolean {
  return environments.some((glob) => matchesGlob(glob, environment));
}

/** The service, where it has a release, and those of all that goes before it, however far. */
export function servicesBefore(sequences: readonly Sequence[], service: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const sequence of sequences) {
    for (const release of sequence.releases) {
      if (release.service !== service) continue;
      found.add(service);
      for (const { service: name } of releasesBefore(sequence, release)) found.add(name);
    }
  }
  return found;
}

/** What goes before a release, directly or through others, in the order of the sequence. */
export function releasesBefore({ releases }: Sequence, release: SequencedRelease): readonly SequencedRelease[] {
  const named = new Map(releases.map((one) => [one.name, one]));
  const found = new Set<string>();
  const open = [...release.after];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    open.push(...(named.get(name)?.after ?? none));
  }
  return releases.filter(({ name }) => found.has(name));
}

/** Whether the version is one of the release; null when the range asks for a comparison that cannot be made. */
export function isOfRelease(release: SequencedRelease, version: string): boolean | null {
  if (release.versions === null) return true;
  const range = parseRange(release.versions);
  const read = parseVersion(version);
  return range === null || read === null ? null : satisfies(read, range);
}
