import type { FeedCatalog, FeedFilter } from "#core/calendar/business/feed.ts";
import { nearestNames } from "#core/policy/nearest.ts";
import { sayList } from "#core/policy/say.ts";
import { can } from "#core/access/can.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { FindPerson, Secrets } from "#usecases/access/identity.ts";
import { feedEntries, feedSpan, type FeedSource } from "#usecases/calendar/feed-render.ts";
import type { FeedEntry } from "#core/calendar/business/feed.ts";
import type { Span } from "#core/span.ts";
import type { Call } from "#usecases/operations.ts";
import type { Transact } from "#usecases/records.ts";

/** A view of the calendar that leaves as a feed. Its address carries the rights of the person, as they are when it is read. */
export interface Feed {
  readonly id: string;
  readonly person: string;
  readonly label: string;
  readonly filter: FeedFilter;
  readonly createdAt: Temporal.Instant;
  readonly revokedAt: Temporal.Instant | null;
}

export interface StoredFeed extends Feed {
  readonly secretHash: string;
}

export interface FeedRecords {
  readonly insert: (feed: StoredFeed) => Promise<void>;
  readonly find: (id: string) => Promise<StoredFeed | null>;
  readonly ofPerson: (person: string) => Promise<readonly Feed[]>;
  /** False when there is nothing to revoke. */
  readonly revoke: (id: string, person: string, at: Temporal.Instant) => Promise<boolean>;
  readonly source: (filter: FeedFilter, between: Span) => Promise<FeedSource>;
  readonly catalog: () => Promise<FeedCatalog>;
}

/** Why a feed is not made; the sentence names what is wrong and, where one is near, what may have been meant. */
export interface FeedRefusal {
  readonly code: "too-many-feeds" | "no-such-environment" | "no-such-service" | "openings-need-both";
  readonly sentence: string;
}

export interface FeedDeps {
  readonly now: () => Temporal.Instant;
  readonly feeds: FeedRecords;
  readonly transact: Transact;
  readonly findPerson: FindPerson;
  readonly secrets: Secrets;
  readonly newFeedId: () => string;
  /** `connectors/ical` writes. */
  readonly write: (name: string, entries: readonly FeedEntry[]) => string;
}

/** More addresses than anybody can keep an eye on. */
export const maxFeedsOfPerson = 50;

export interface Feeds {
  readonly create: (
    input: { readonly label: string; readonly filter: FeedFilter },
    call: Call,
  ) => Promise<Result<{ readonly feed: Feed; readonly file: string }, FeedRefusal>>;
  readonly list: (person: string) => Promise<readonly Feed[]>;
  readonly revoke: (id: string, call: Call) => Promise<boolean>;
  /** The text behind an address; one answer for every reason why there is none. */
  readonly read: (file: string) => Promise<Result<string, "no-such-feed">>;
}

/**
 * The file name is the credential: `tg_<id>_<secret>.ics`, of the same form as a token, so the log takes its secret out
 * like any other. Only the hash is stored.
 */
export function makeFeeds(deps: FeedDeps): Feeds {
  const { feeds, secrets } = deps;
  return {
    async create({ label, filter }, call) {
      const { person } = call.actor;
      const known = (await feeds.ofPerson(person)).filter(({ revokedAt }) => revokedAt === null);
      const refusal = known.length >= maxFeedsOfPerson ? tooMany : whyNot(filter, await feeds.catalog());
      if (refusal !== null) return err(refusal);
      const secret = secrets.make();
      const id = deps.newFeedId();
      const feed: Feed = { id, person, label, filter, createdAt: deps.now(), revokedAt: null };
      await feeds.insert({ ...feed, secretHash: secrets.hash(secret) });
      await record(deps, call, "feed.create", id, { label, filter });
      return ok({ feed, file: `tg_${id.slice("fed_".length)}_${secret}.ics` });
    },
    list: (person) => feeds.ofPerson(person),
    async revoke(id, call) {
      const revoked = await feeds.revoke(id, call.actor.person, deps.now());
      if (revoked) await record(deps, call, "feed.revoke", id, null);
      return revoked;
    },
    read: (file) => readFeed(deps, file),
  };
}

const tooMany: FeedRefusal = {
  code: "too-many-feeds",
  sentence: `You have ${maxFeedsOfPerson} feeds, as many as one person may have. Revoke one first.`,
};

/** A feed about a name that does not exist would be an empty calendar for ever, and nobody would know why. */
function whyNot({ environment, service, include }: FeedFilter, catalog: FeedCatalog): FeedRefusal | null {
  if (environment !== null && !catalog.environments.has(environment)) {
    return {
      code: "no-such-environment",
      sentence: unknownName("environment", environment, catalog.environments.keys()),
    };
  }
  if (service !== null && !catalog.services.has(service)) {
    return { code: "no-such-service", sentence: unknownName("service", service, catalog.services.keys()) };
  }
  if (!include.includes("openings") || (environment !== null && service !== null)) return null;
  return {
    code: "openings-need-both",
    sentence: "Openings differ from service to service: name both the environment and the service, or leave them out.",
  };
}

function unknownName(what: string, name: string, known: Iterable<string>): string {
  const near = sayList(nearestNames(name, known), "or");
  return `The configuration has no ${what} ${name}.${near === "" ? "" : ` Did you mean ${near}?`}`;
}

async function readFeed(deps: FeedDeps, file: string): Promise<Result<string, "no-such-feed">> {
  const [, id, secret] = /^tg_([0-9a-f]{32})_([0-9a-f]{64})\.ics$/.exec(file) ?? [];
  if (id === undefined || secret === undefined) return err("no-such-feed");
  const feed = await deps.feeds.find(`fed_${id}`);
  // Compared also when there is none, so that both take the same time.
  const proven = deps.secrets.equal(deps.secrets.hash(secret), feed?.secretHash ?? deps.secrets.hash(""));
  if (feed === null || !proven || feed.revokedAt !== null) return err("no-such-feed");
  const person = await deps.findPerson(feed.person);
  if (person === null || !can({ person }, "deployment.read").allowed) return err("no-such-feed");
  const between = feedSpan(deps.now());
  const source = await deps.feeds.source(feed.filter, between);
  return ok(deps.write(feed.label, feedEntries(feed.filter, source, between)));
}

async function record(deps: FeedDeps, call: Call, action: string, object: string, after: unknown): Promise<void> {
  await deps.transact((records) =>
    records.audit.append({
      at: deps.now(),
      actor: call.actor,
      action,
      object,
      outcome: "done",
      reason: null,
      verdict: null,
      requestId: call.requestId,
      before: null,
      after,
    }),
  );
}
