import type { Pool } from "pg";
import { z } from "zod";
import { callbackOf, type StoredCallback } from "./gate.ts";
import { instant, toTimestamp, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

/** A place to which gates may send. */
export interface Endpoint {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly createdBy: string;
  readonly createdAt: Temporal.Instant;
}

export interface EndpointState extends Endpoint {
  readonly waiting: number;
  readonly givenUp: number;
  readonly lastFailure: string | null;
}

/** Deliveries that were given up longer ago are no news any more. */
const shownDays = 30;
/** Longer than any attempt takes: then another worker may try. */
const takenSeconds = 60;
/** As many places as an operator can oversee. */
export const maxEndpoints = 500;

const endpointRow = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    created_by: z.string(),
    created_at: instant,
    waiting: whole,
    given_up: whole,
    last_failure: z.string().nullable(),
  })
  .transform(
    ({
      created_by: createdBy,
      created_at: createdAt,
      given_up: givenUp,
      last_failure: lastFailure,
      ...rest
    }): EndpointState => ({ ...rest, createdBy, createdAt, givenUp, lastFailure }),
  );

const withCounts = sql`e.id, e.name, e.url, e.created_by, e.created_at,
  count(d.id) filter (where d.next_at is not null and d.attempts > 0) as waiting,
  count(d.id) filter (where d.given_up_at > now() - make_interval(days => ${shownDays})) as given_up,
  (array_agg(d.failure order by d.created_at desc)
    filter (where d.failure is not null and d.delivered_at is null and d.withdrawn_at is null))[1] as last_failure
  from callback_endpoint e left join gate g on g.callback_id = e.id left join callback_delivery d on d.gate_id = g.id`;

export interface CallbackStore {
  readonly insert: (endpoint: Endpoint & { readonly secret: string }) => Promise<boolean>;
  readonly list: () => Promise<readonly EndpointState[]>;
  readonly remove: (name: string, at: Temporal.Instant) => Promise<EndpointState | null>;
}

export function callbackStore(pool: Pool): CallbackStore {
  return {
    async insert({ id, name, url, secret, createdBy, createdAt }) {
      const added = await execute(
        pool,
        sql`insert into callback_endpoint (id, name, url, secret, created_by, created_at)
            values (${id}, ${name}, ${url}, ${secret}, ${createdBy}, ${toTimestamp(createdAt)})
            on conflict (name) where removed_at is null do nothing`,
      );
      return added === 1;
    },
    list: () =>
      query(
        pool,
        sql`select ${withCounts} where e.removed_at is null group by e.id order by e.name limit ${maxEndpoints}`,
        endpointRow,
      ),
    async remove(name, at) {
      const removed = await queryOne(
        pool,
        sql`update callback_endpoint set removed_at = ${toTimestamp(at)} where name = ${name} and removed_at is null
            returning id`,
        z.object({ id: z.string() }),
      );
      if (removed === null) return null;
      return queryOne(pool, sql`select ${withCounts} where e.id = ${removed.id} group by e.id`, endpointRow);
    },
  };
}

/**
 * The registered address that this one lies at or below: the same origin, and its path or one below it. Addresses are
 * compared as the parser that sends reads them.
 */
export async function endpointFor(client: Queryable, address: string): Promise<string | null> {
  return (await registeredFor(client, address))?.id ?? null;
}

/** The secret with which messages to this address are signed; null when no registered one lies at or above it. */
export async function secretFor(client: Queryable, address: string): Promise<string | null> {
  return (await registeredFor(client, address))?.secret ?? null;
}

async function registeredFor(
  client: Queryable,
  address: string,
): Promise<{ readonly id: string; readonly secret: string } | null> {
  if (!URL.canParse(address)) return null;
  const asked = new URL(address);
  if (asked.username !== "" || asked.password !== "") return null;
  const row = z.object({ id: z.string(), url: z.string(), secret: z.string() });
  const known = await query(
    client,
    sql`select id, url, secret from callback_endpoint where removed_at is null order by length(url) desc, name limit ${maxEndpoints}`,
    row,
  );
  return known.find(({ url }) => isAtOrBelow(asked, new URL(url))) ?? null;
}

function isAtOrBelow(asked: URL, registered: URL): boolean {
  if (asked.origin !== registered.origin) return false;
  const folder = registered.pathname.endsWith("/") ? registered.pathname : `${registered.pathname}/`;
  return asked.pathname === registered.pathname || asked.pathname.startsWith(folder);
}

/** One message, taken for one attempt. */
export interface TakenDelivery {
  readonly id: string;
  readonly gate: string;
  readonly callback: StoredCallback;
  readonly body: string;
  readonly what: string;
  readonly attempts: number;
  readonly secret: string | null;
  readonly comment: string;
}

export interface DeliveryStore {
  readonly take: (limit: number) => Promise<readonly TakenDelivery[]>;
  readonly holdsUntil: (id: string, at: Temporal.Instant) => Promise<string>;
  readonly delivered: (id: string) => Promise<void>;
  readonly retryIn: (id: string, seconds: number, failure: string) => Promise<void>;
  readonly giveUp: (id: string, failure: string) => Promise<void>;
  readonly withdraw: (id: string, reason: string) => Promise<void>;
}

const takenRow = z
  .object({
    id: z.string(),
    gate_id: z.string(),
    body: z.string(),
    what: z.string(),
    attempts: whole,
    callback_kind: z.enum(["webhook", "github"]),
    callback_id: z.string().nullable(),
    callback_url: z.string(),
    callback_context: z.unknown(),
    secret: z.string().nullable(),
    outcome: z.string().nullable(),
  })
  .transform((read): TakenDelivery => {
    const callback = callbackOf(read.callback_kind, read.callback_id, read.callback_url, read.callback_context);
    if (callback === null) throw new Error(`${read.id} goes nowhere`);
    const { id, gate_id: gate, body, what, attempts, secret } = read;
    return {
      id,
      gate,
      callback,
      body,
      what,
      attempts,
      secret,
      comment: read.outcome ?? `Tidegate says ${what} (${gate}).`,
    };
  });

export function deliveryStore(pool: Pool): DeliveryStore {
  return {
    take: (limit) =>
      query(
        pool,
        sql`with due as (
              select id from callback_delivery where next_at <= now() order by next_at limit ${limit}
              for update skip locked
            ), taken as (
              update callback_delivery d set attempts = attempts + 1,
                next_at = now() + make_interval(secs => ${takenSeconds})
              from due where d.id = due.id returning d.*
            )
            select t.id, t.gate_id, t.body::text as body, split_part(t.body ->> 'type', '.', 2) as what, t.attempts,
                   g.callback_kind, g.callback_id, g.callback_url, g.callback_context, e.secret,
                   t.body -> 'data' ->> 'outcome' as outcome
            from taken t join gate g on g.id = t.gate_id
              left join callback_endpoint e on e.id = g.callback_id and e.removed_at is null`,
        takenRow,
      ),
    holdsUntil: (id, at) => writeExpiry(pool, id, at),
    async delivered(id) {
      await execute(
        pool,
        sql`update callback_delivery set delivered_at = now(), next_at = null, failure = null where id = ${id}`,
      );
    },
    async retryIn(id, seconds, failure) {
      await execute(
        pool,
        sql`update callback_delivery set next_at = now() + make_interval(secs => ${seconds}), failure = ${failure}
            where id = ${id}`,
      );
    },
    async giveUp(id, failure) {
      await execute(
        pool,
        sql`update callback_delivery set given_up_at = now(), next_at = null, failure = ${failure} where id = ${id}`,
      );
    },
    async withdraw(id, reason) {
      await execute(
        pool,
        sql`update callback_delivery set withdrawn_at = now(), next_at = null, failure = ${reason} where id = ${id}`,
      );
    },
  };
}

/** A "yes" says until when it holds: what is sent is what stands here. */
async function writeExpiry(client: Queryable, id: string, at: Temporal.Instant): Promise<string> {
  const updated = await queryOne(
    client,
    sql`update callback_delivery set body = jsonb_set(body, '{data,expiresAt}', to_jsonb(${at.toString()}::text))
        where id = ${id} returning body::text as body`,
    z.object({ body: z.string() }),
  );
  if (updated === null) throw new Error(`the message ${id} is gone`);
  return updated.body;
}

/** For `tidegate doctor`: what was given up lately, and the oldest message that nobody has taken yet. */
export async function deliveryHealth(
  client: Queryable,
): Promise<{ readonly givenUp: number; readonly lastFailure: string | null; readonly retrying: number }> {
  const read = await queryOne(
    client,
    sql`select count(*) filter (where given_up_at > now() - make_interval(days => ${shownDays})) as given_up,
          count(*) filter (where next_at is not null and attempts > 1) as retrying,
          (array_agg(failure order by created_at desc) filter (where failure is not null))[1] as last_failure
        from callback_delivery where next_at is not null or given_up_at is not null`,
    z.object({ given_up: whole, retrying: whole, last_failure: z.string().nullable() }),
  );
  return { givenUp: read?.given_up ?? 0, retrying: read?.retrying ?? 0, lastFailure: read?.last_failure ?? null };
}

/** Removes what was delivered that long ago, or given up; how many. */
export async function pruneDeliveries(client: Queryable, olderThanDays: number): Promise<number> {
  return execute(
    client,
    sql`delete from callback_delivery where next_at is null and created_at < now() - make_interval(days => ${olderThanDays})`,
  );
}
