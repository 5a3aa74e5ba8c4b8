import type { Pool } from "pg";
import { z } from "zod";
import { hookSchemes, type HookScheme } from "#core/release/hook-intent.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { instant, toTimestamp, whole } from "./row.ts";
import { execute, query, queryOne, sql, transaction, type Queryable } from "./sql.ts";

/*
 * received → done, ignored or failed; a replay makes it received again. Two workers never handle one at the same time:
 * taking it says until when.
 */

export interface StoredSource {
  readonly name: string;
  readonly scheme: HookScheme;
  readonly account: string;
  readonly services: Readonly<Record<string, string>>;
  readonly environments: Readonly<Record<string, string>>;
  readonly createdBy: string;
  readonly createdAt: Temporal.Instant;
  readonly formerUntil: Temporal.Instant | null;
}

const states = ["received", "done", "ignored", "failed"] as const;
type State = (typeof states)[number];

export interface StoredHookDelivery {
  readonly id: string;
  readonly source: string;
  readonly delivery: string;
  readonly event: string;
  readonly receivedAt: Temporal.Instant;
  readonly state: State;
  readonly attempts: number;
  readonly handledAt: Temporal.Instant | null;
  readonly sentence: string | null;
  readonly gate: string | null;
  readonly bytes: number;
}

export interface HookStore {
  readonly insert: (source: StoredSource, secret: string) => Promise<boolean>;
  readonly list: () => Promise<readonly StoredSource[]>;
  readonly find: (
    name: string,
  ) => Promise<(StoredSource & { readonly secret: string; readonly former: string | null }) | null>;
  readonly rotate: (name: string, secret: string, formerUntil: Temporal.Instant) => Promise<StoredSource | null>;
  readonly remove: (name: string) => Promise<StoredSource | null>;
  readonly store: (delivery: {
    readonly id: string;
    readonly source: string;
    readonly delivery: string;
    readonly content: string | null;
    readonly event: string;
    readonly body: string;
  }) => Promise<boolean>;
  readonly deliveries: (query: {
    readonly source: string | null;
    readonly state: State | null;
    readonly limit: number;
    readonly cursor: string | null;
  }) => Promise<{ readonly items: readonly StoredHookDelivery[]; readonly next: string | null }>;
  readonly replay: (id: string) => Promise<StoredHookDelivery | null>;
  readonly take: (limit: number) => Promise<readonly (StoredHookDelivery & { readonly body: string })[]>;
  readonly settle: (
    id: string,
    as: { readonly state: State; readonly sentence: string; readonly gate: string | null },
  ) => Promise<void>;
}

const names = z.record(z.string(), z.string());
const sourceColumns = sql`name, scheme, account, services, environments, created_by, created_at, former_until`;
const sourceRow = z
  .object({
    name: z.string(),
    scheme: z.enum(hookSchemes),
    account: z.string(),
    services: names,
    environments: names,
    created_by: z.string(),
    created_at: instant,
    former_until: instant.nullable(),
  })
  .transform(({ created_by: createdBy, created_at: createdAt, former_until: formerUntil, ...rest }): StoredSource => ({
    ...rest,
    createdBy,
    createdAt,
    formerUntil,
  }));
const secretRow = z.object({ secret: z.string(), former_secret: z.string().nullable() });

const columns = sql`id, source, delivery, event, received_at, state, attempts, handled_at, sentence, gate_id,
  octet_length(body) as bytes, seq`;
const deliveryRow = z
  .object({
    id: z.string(),
    source: z.string(),
    delivery: z.string(),
    event: z.string(),
    received_at: instant,
    state: z.enum(states),
    attempts: whole,
    handled_at: instant.nullable(),
    sentence: z.string().nullable(),
    gate_id: z.string().nullable(),
    bytes: whole,
    seq: whole,
    body: z.string().default(""),
  })
  .transform(({ received_at: receivedAt, handled_at: handledAt, gate_id: gate, ...rest }) => ({
    ...rest,
    receivedAt,
    handledAt,
    gate,
  }));

export const maxSources = 500;
/** Longer than handling takes: then another worker may try. */
const takenSeconds = 60;

export function hookStore(pool: Pool): HookStore {
  return { ...sourceStore(pool), ...deliveriesOf(pool), ...handlingOf(pool) };
}

function sourceStore(pool: Pool): Pick<HookStore, "insert" | "list" | "find" | "rotate" | "remove"> {
  return {
    async insert({ name, scheme, account, services, environments, createdBy, createdAt }, secret) {
      const added = await execute(
        pool,
        sql`insert into hook_source (name, scheme, secret, account, services, environments, created_by, created_at)
            values (${name}, ${scheme}, ${secret}, ${account}, ${JSON.stringify(services)},
                    ${JSON.stringify(environments)}, ${createdBy}, ${toTimestamp(createdAt)})
            on conflict (name) do nothing`,
      );
      return added === 1;
    },
    list: () => query(pool, sql`select ${sourceColumns} from hook_source order by name limit ${maxSources}`, sourceRow),
    find: (name) =>
      queryOne(pool, sql`select * from hook_source where name = ${name}`, (row) => {
        const { secret, former_secret: former } = secretRow.parse(row);
        return { ...sourceRow.parse(row), secret, former };
      }),
    rotate: (name, secret, formerUntil) =>
      queryOne(
        pool,
        sql`update hook_source set former_secret = secret, former_until = ${toTimestamp(formerUntil)},
              secret = ${secret} where name = ${name} returning ${sourceColumns}`,
        sourceRow,
      ),
    remove: (name) =>
      queryOne(pool, sql`delete from hook_source where name = ${name} returning ${sourceColumns}`, sourceRow),
  };
}

function deliveriesOf(pool: Pool): Pick<HookStore, "store" | "deliveries" | "replay"> {
  return {
    store: (delivery) => transaction(pool, (client) => insertDelivery(client, delivery)),
    async deliveries({ source, state, limit, cursor }) {
      const key = cursor === null ? null : z.tuple([z.int()]).safeParse(decodeCursor(cursor));
      if (key !== null && !key.success) return { items: [], next: null };
      const before = key?.data[0] ?? null;
      const found = await query(
        pool,
        sql`select ${columns} from hook_delivery
            where (${before}::bigint is null or seq < ${before}) and (${source}::text is null or source = ${source})
              and (${state}::text is null or state = ${state})
            order by seq desc limit ${limit + 1}`,
        deliveryRow,
      );
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, next: found.length <= limit || last === undefined ? null : encodeCursor([last.seq]) };
    },
    replay: (id) =>
      queryOne(
        pool,
        sql`update hook_delivery set state = 'received', attempts = 0, taken_until = '-infinity'
            where id = ${id} returning ${columns}`,
        deliveryRow,
      ),
  };
}

/** Equal contents come in one after the other: the second sees the first. */
async function insertDelivery(client: Queryable, given: Parameters<HookStore["store"]>[0]): Promise<boolean> {
  const { id, source, delivery, content, event, body } = given;
  if (content !== null)
    await execute(client, sql`select pg_advisory_xact_lock(hashtext('hook'), hashtext(${`${source} ${content}`}))`);
  const added = await execute(
    client,
    sql`insert into hook_delivery (id, source, delivery, content, event, body)
        select ${id}, ${source}, ${delivery}, ${content}, ${event}, ${body}
        where not exists (select from hook_delivery
                          where source = ${source} and content = ${content} and state <> 'failed')
        on conflict (source, delivery) do nothing`,
  );
  return added === 1;
}

function handlingOf(pool: Pool): Pick<HookStore, "take" | "settle"> {
  return {
    take: (limit) =>
      query(
        pool,
        sql`with due as (
              select id from hook_delivery where state = 'received' and taken_until <= now() order by seq limit ${limit}
              for update skip locked
            )
            update hook_delivery h set attempts = attempts + 1,
              taken_until = now() + make_interval(secs => ${takenSeconds})
            from due where h.id = due.id
            returning h.id, h.source, h.delivery, h.event, h.received_at, h.state, h.attempts, h.handled_at, h.sentence,
              h.gate_id, octet_length(h.body) as bytes, h.seq, h.body`,
        deliveryRow,
      ).then((taken) => taken.toSorted((a, b) => a.seq - b.seq)),
    async settle(id, { state, sentence, gate }) {
      await execute(
        pool,
        sql`update hook_delivery set state = ${state}, sentence = ${sentence}, gate_id = coalesce(${gate}, gate_id),
              handled_at = now(),
              taken_until = case when ${state} = 'received' then now() + interval '5 seconds' else taken_until end
            where id = ${id}`,
      );
    },
  };
}

/** Removes what was handled that long ago; how many. What failed is kept for twice as long, for a replay. */
export async function pruneHookDeliveries(pool: Pool, olderThanDays: number): Promise<number> {
  return execute(
    pool,
    sql`delete from hook_delivery where state <> 'received' and received_at < now() - make_interval(
          days => case when state = 'failed' then 2 else 1 end * ${olderThanDays}::integer)`,
  );
}
