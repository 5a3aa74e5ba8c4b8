import type { Organisation } from "#core/catalog/organisation.ts";
import { decodeStored } from "#config/organisation.ts";
import { documentsAt, newestRevision, type Revision } from "./configuration.ts";
import type { Queryable } from "./sql.ts";

/** Decoded configurations by their digest: equal documents make an equal organisation, whichever process applied them. */
export interface OrganisationCache {
  readonly get: (digest: string) => Organisation | undefined;
  readonly set: (digest: string, organisation: Organisation) => void;
}

/** Configurations kept: the one in force, a draft or two, and what somebody asks about the past. */
const cachedConfigurations = 8;

export function createOrganisationCache(): OrganisationCache {
  const known = new Map<string, Organisation>();
  return {
    get(digest) {
      const found = known.get(digest);
      if (found !== undefined) remember(digest, found);
      return found;
    },
    set: remember,
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
  const decoded = decodeStored(await documentsAt(client, revision.at));
  if (!decoded.ok) {
    const [first] = decoded.error;
    const where = first === undefined ? "" : `: ${first.document} ${first.message}`;
    throw new Error(`the configuration in force (revision ${revision.revision}) cannot be read${where}`);
  }
  cache.set(revision.digest, decoded.value);
  return decoded.value;
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
