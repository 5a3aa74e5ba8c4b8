import type { Pool } from "pg";
import { z } from "zod";
import { feedContents, type FeedBooking, type FeedCatalog, type FeedFilter } from "#core/calendar/business/feed.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { deploymentStates } from "#core/rollout/state.ts";
import type { Span } from "#core/span.ts";
import { organisationInForce } from "./organisation.ts";
import { organisationWithEvents } from "./organisation-with-events.ts";
import type { RecordHooks } from "./records.ts";
import { instant, toTimestamp, whole } from "./row.ts";
import { execute, query, queryOne, readSnapshot, sql, type Queryable } from "./sql.ts";

/** A feed as it is stored; the secret half of its address is not. */
export interface FeedRow {
  readonly id: string;
  readonly person: string;
  readonly label: string;
  readonly filter: FeedFilter;
  readonly secretHash: string;
  readonly createdAt: Temporal.Instant;
  readonly revokedAt: Temporal.Instant | null;
}

export interface FeedStore {
  readonly insert: (feed: FeedRow) => Promise<void>;
  readonly find: (id: string) => Promise<FeedRow | null>;
  readonly ofPerson: (person: string) => Promise<readonly FeedRow[]>;
  readonly revoke: (id: string, person: string, at: Temporal.Instant) => Promise<boolean>;
  readonly catalog: () => Promise<FeedCatalog>;
  readonly source: (
    filter: FeedFilter,
    between: Span,
  ) => Promise<{
    readonly organisation: Organisation;
    readonly bookings: readonly FeedBooking[];
    readonly changedAt: Temporal.Instant;
  }>;
}

export const maxListedFeeds = 500;
export const maxFeedBookings = 2_000;

const row = z
  .object({
    id: z.string(),
    person: z.string(),
    label: z.string(),
    filter: z.object({
      environment: z.string().nullable(),
      service: z.string().nullable(),
      include: z.array(z.enum(feedContents)),
    }),
    secret_hash: z.string(),
    created_at: instant,
    revoked_at: instant.nullable(),
  })
  .transform(({ secret_hash: secretHash, created_at: createdAt, revoked_at: revokedAt, ...rest }) => ({
    ...rest,
    secretHash,
    createdAt,
    revokedAt,
  })) satisfies z.ZodType<FeedRow>;

export function feedStore(pool: Pool, { organisations }: RecordHooks): FeedStore {
  return {
    async insert(feed) {
      await execute(
        pool,
        sql`insert into feed (id, person, label, filter, secret_hash, created_at)
            values (${feed.id}, ${feed.person}, ${feed.label}, ${JSON.stringify(feed.filter)}, ${feed.secretHash},
                    ${toTimestamp(feed.createdAt)})`,
      );
    },
    find: (id) => queryOne(pool, sql`select * from feed where id = ${id}`, row),
    ofPerson: (person) =>
      query(
        pool,
        sql`select * from feed where person = ${person} order by created_at desc, id desc limit ${maxListedFeeds}`,
        row,
      ),
    async revoke(id, person, at) {
      const done = await execute(
        pool,
        sql`update feed set revoked_at = ${toTimestamp(at)}
            where id = ${id} and person = ${person} and revoked_at is null`,
      );
      return done === 1;
    },
    catalog: () => readSnapshot(pool, (client) => organisationInForce(client, organisations)),
    source: (filter, between) =>
      readSnapshot(pool, async (client) => ({
        ...(await organisationWithEvents(client, organisations, between)),
        bookings: await bookingsFor(client, filter, between),
      })),
  };
}

const bookingRow = z
  .object({
    booking: z.string(),
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    state: z.enum(deploymentStates),
    from: instant,
    to: instant,
    sequence: whole,
    changed_at: instant,
  })
  .transform(({ from, to, changed_at: changedAt, ...rest }) => ({ ...rest, span: { from, to }, changedAt }));

/** What has started lies where it was, the rest where it is planned. */
async function bookingsFor(
  client: Queryable,
  { environment, service }: FeedFilter,
  between: Span,
): Promise<readonly FeedBooking[]> {
  return query(
    client,
    sql`select * from (
          select b.id as booking, d.service, d.version, d.environment, d.state, b.sequence,
                 coalesce(d.started_at, b.planned_from) as "from",
                 greatest(case when d.started_at is null then b.planned_to else coalesce(d.ended_at, b.planned_to) end,
                          coalesce(d.started_at, b.planned_from) + interval '1 minute') as "to",
                 greatest(b.moved_at, d.started_at, d.ended_at) as changed_at
          from deployment d join booking b on b.id = d.booking_id
          where (${environment}::text is null or d.environment = ${environment})
            and (${service}::text is null or d.service = ${service})) f
        where f."from" < ${toTimestamp(between.to)} and f."to" > ${toTimestamp(between.from)}
        order by f."from", f.booking limit ${maxFeedBookings}`,
    bookingRow,
  );
}
