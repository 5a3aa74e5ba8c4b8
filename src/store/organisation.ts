import type { Organisation } from "#core/catalog/organisation.ts";
import { withSameParts } from "#core/catalog/same-parts.ts";
import { decodeStored } from "#config/organisation.ts";
import { isBefore } from "#core/span.ts";
import { documentsAt, documentsSince, newestRevision, type Revision, type StoredDocuments } from "./configuration.ts";
import type { Queryable } from "./sql.ts";

/** Decoded configurations by their digest: equal documents make an equal organisation, whichever process applied them. */
export interface OrganisationCache {
  readonly get: (digest: string) => Organisation | undefined;
  readonly set: (digest: string, organisation: Organisation) => void;
  /** What was read last: most of the next one is the same. */
  readonly base: () => Base | null;
  readonly keepBase: (base: Base) => void;
}

interface Base {
  readonly at: Temporal.Instant;
  readonly documents: StoredDocuments;
  readonly organisation: Organisation;
}

/** Configurations kept: the one in force, a draft or two, and what somebody asks about the past. */
const cachedConfigurations = 8;

export function createOrganisationCache(): OrganisationCache {
  const known = new Map<string, Organisation>();
  let last: Base | null = null;
  return {
    get(digest) {
      const found = known.get(digest);
      if (found !== undefined) remember(digest, found);
      return found;
    },
    set: remember,
    base: () => last,
    keepBase: (base) => {
      last = base;
    },
  };

  /** A map keeps the order of insertion, so its first key is the one that was not used for longest. */
  function remember(digest: string, organisation: Organisation): void {
    known.delete(digest);
    known.set(digest, organisation);
    const [oldest] = known.keys();
    if (known.size > cachedConfigurations && oldest !== undefined) known.delete(oldest);
  }
}

const nothing: Organisation = {
  units: new Map(),
  teams: new Map(),
  people: new Map(),
  workingHours: new Map(),
  services: new Map(),
  vendors: new Set(),
  environments: new Map(),
  windows: [],
  freezes: [],
  calendars: [],
  routes: [],
  strategies: [],
  watches: [],
  rotas: [],
  exemptionTypes: [],
  resources: new Map(),
  runbooks: new Map(),
  wavePlans: new Map(),
  sequences: [],
  criteria: [],
  rollbacks: new Map(),
  sources: new Map(),
  policies: [],
};

/**
 * The organisation as a revision declares it; nothing before the first. The caller reads the revision in its own
 * snapshot. Its documents are read as of its instant, so they are the same whenever they are read.
 * A stored policy that no longer decodes closes what it may match. Throws when other documents do not (other zone data,
 * an older version running): whatever then cannot be judged does not go.
 */
export async function organisationOf(
  client: Queryable,
  cache: OrganisationCache,
  revision: Pick<Revision, "revision" | "at" | "digest"> | null,
): Promise<Organisation> {
  if (revision === null) return nothing;
  const known = cache.get(revision.digest);
  if (known !== undefined) return known;
  const base = cache.base();
  const documents = await documentsOf(client, base, revision);
  const decoded = decodeStored([...documents.values()].map(({ document }) => document));
  if (!decoded.ok) {
    const [first] = decoded.error;
    const where = first === undefined ? "" : `: ${first.document} ${first.message}`;
    throw new Error(`the configuration in force (revision ${revision.revision}) cannot be read${where}`);
  }
  const organisation = base === null ? decoded.value : withSameParts(base.organisation, decoded.value);
  cache.set(revision.digest, organisation);
  cache.keepBase({ at: revision.at, documents, organisation });
  return organisation;
}

/** Reads what has changed since what was read last, or everything where that is of another history. */
async function documentsOf(
  client: Queryable,
  base: Base | null,
  revision: Pick<Revision, "at" | "digest">,
): Promise<StoredDocuments> {
  const isBehind = base !== null && isBefore(base.at, revision.at);
  const since = isBehind ? await documentsSince(client, base, revision) : null;
  return since ?? (await documentsAt(client, revision.at));
}

export async function organisationInForce(client: Queryable, cache: OrganisationCache): Promise<Organisation> {
  return organisationOf(client, cache, await newestRevision(client));
}

/** The person behind an account, by the configuration in force; null if there is none. */
export async function personOfAccount(
  client: Queryable,
  cache: OrganisationCache,
  account: string,
): Promise<string | null> {
  const { people } = await organisationInForce(client, cache);
  for (const person of people.values()) {
    if (person.accounts.some(({ name }) => name === account)) return person.name;
  }
  return null;
}
