import { z } from "zod";
import type { DeploymentId } from "#core/id.ts";
import type { GateResult } from "#core/release/gate.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { deploymentId, instant, toTimestamp } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

/*
 * A gate is a deployment that a pipeline carries out; how far it is stands there. Here: who asked, the one token in
 * force, the lease it was redeemed for. The database refuses a second use of a token, whoever writes.
 */

export type StoredCallback =
  | { readonly kind: "webhook"; readonly endpoint: string; readonly url: string }
  | { readonly kind: "github"; readonly url: string; readonly environment: string; readonly installation: number };

/** A gate as it is stored. */
export interface StoredGate {
  readonly id: string;
  readonly deployment: DeploymentId;
  readonly account: string;
  readonly externalRun: string | null;
  readonly externalUrl: string | null;
  readonly whenDenied: "end" | "park";
  readonly callback: StoredCallback | null;
  readonly token: {
    readonly hash: string | null;
    readonly binding: string | null;
    readonly issuedAt: Temporal.Instant | null;
    readonly expiresAt: Temporal.Instant | null;
    readonly usedAt: Temporal.Instant | null;
    readonly void: string | null;
  };
  readonly lease: { readonly id: string; readonly hash: string; readonly expiresAt: Temporal.Instant } | null;
  readonly result: GateResult | null;
}

const result = z.object({ outcome: z.enum(["succeeded", "failed"]), live: z.string().nullable() });
const context = z.object({ environment: z.string(), installation: z.int() });

const row = z.object({
  id: z.string(),
  deployment_id: deploymentId,
  account: z.string(),
  external_run: z.string().nullable(),
  external_url: z.string().nullable(),
  when_denied: z.enum(["end", "park"]),
  callback_kind: z.enum(["webhook", "github"]).nullable(),
  callback_id: z.string().nullable(),
  callback_url: z.string().nullable(),
  callback_context: z.unknown(),
  token_hash: z.string().nullable(),
  token_binding: z.string().nullable(),
  token_issued_at: instant.nullable(),
  token_expires_at: instant.nullable(),
  token_used_at: instant.nullable(),
  token_void: z.string().nullable(),
  lease_id: z.string().nullable(),
  lease_hash: z.string().nullable(),
  lease_expires_at: instant.nullable(),
  result: result.nullable(),
});

export function parseGate(value: unknown): StoredGate {
  const read = row.parse(value);
  const { lease_id: lease, lease_hash: hash, lease_expires_at: expiresAt } = read;
  return {
    id: read.id,
    deployment: read.deployment_id,
    account: read.account,
    externalRun: read.external_run,
    externalUrl: read.external_url,
    whenDenied: read.when_denied,
    callback: callbackOf(read.callback_kind, read.callback_id, read.callback_url, read.callback_context),
    token: {
      hash: read.token_hash,
      binding: read.token_binding,
      issuedAt: read.token_issued_at,
      expiresAt: read.token_expires_at,
      usedAt: read.token_used_at,
      void: read.token_void,
    },
    lease: lease === null || hash === null || expiresAt === null ? null : { id: lease, hash, expiresAt },
    result: read.result,
  };
}

export function callbackOf(
  kind: StoredCallback["kind"] | null,
  endpoint: string | null,
  url: string | null,
  about: unknown,
): StoredCallback | null {
  if (kind === null || url === null) return null;
  return kind === "webhook" ? { kind, endpoint: endpoint ?? "", url } : { kind, url, ...context.parse(about) };
}

/** Values of the columns of a callback. */
function columnsOf(callback: StoredGate["callback"]): {
  readonly kind: string | null;
  readonly endpoint: string | null;
  readonly url: string | null;
  readonly about: string | null;
} {
  if (callback === null) return { kind: null, endpoint: null, url: null, about: null };
  const { kind, url } = callback;
  if (kind === "webhook") return { kind, endpoint: callback.endpoint, url, about: null };
  const { environment, installation } = callback;
  return { kind, endpoint: null, url, about: JSON.stringify({ environment, installation }) };
}

export async function insertGate(client: Queryable, gate: StoredGate): Promise<void> {
  const { kind, endpoint, url, about } = columnsOf(gate.callback);
  await execute(
    client,
    sql`insert into gate (id, deployment_id, account, external_run, external_url, when_denied, callback_kind,
                          callback_id, callback_url, callback_context)
        values (${gate.id}, ${gate.deployment}, ${gate.account}, ${gate.externalRun}, ${gate.externalUrl},
                ${gate.whenDenied}, ${kind}, ${endpoint}, ${url}, ${about})`,
  );
}

export async function callGateAt(
  client: Queryable,
  id: string,
  callback: NonNullable<StoredGate["callback"]>,
): Promise<void> {
  const { kind, endpoint, url, about } = columnsOf(callback);
  await execute(
    client,
    sql`update gate set callback_kind = ${kind}, callback_id = ${endpoint}, callback_url = ${url},
          callback_context = ${about}
        where id = ${id}`,
  );
}

export async function findGate(client: Queryable, id: string): Promise<StoredGate | null> {
  return queryOne(client, sql`select * from gate where id = ${id}`, parseGate);
}

/** Locks the row until the transaction ends. */
export async function findGateForUpdate(client: Queryable, id: string): Promise<StoredGate | null> {
  return queryOne(client, sql`select * from gate where id = ${id} for update`, parseGate);
}

/** More than any run asks for; of a run that begins again and again the newest count. */
const maxGatesOfRun = 100;

/** What the account has asked for in the run, newest first; of one place or of all. */
export async function gatesInRun(
  client: Queryable,
  account: string,
  run: string,
  { service, environment }: { readonly service: string | null; readonly environment: string | null },
): Promise<readonly StoredGate[]> {
  return query(
    client,
    sql`select g.* from gate g join deployment d on d.id = g.deployment_id
        where g.account = ${account} and g.external_run = ${run}
          and (${service}::text is null or d.service = ${service})
          and (${environment}::text is null or d.environment = ${environment})
        order by g.id desc limit ${maxGatesOfRun}`,
    parseGate,
  );
}

/** The same message that the change itself has written, under an id of its own. */
export async function tellGateAgain(client: Queryable, id: string): Promise<void> {
  await execute(
    client,
    sql`select announce_gate(g, d, 'allowed') from gate g join deployment d on d.id = g.deployment_id
        where g.id = ${id} and g.callback_kind is not null`,
  );
}

export async function findGateByLease(client: Queryable, lease: string): Promise<StoredGate | null> {
  return queryOne(client, sql`select * from gate where lease_id = ${lease}`, parseGate);
}

/** In the place of every token before; false when one has been used. */
export async function issueGateToken(
  client: Queryable,
  id: string,
  token: {
    readonly hash: string;
    readonly binding: string;
    readonly at: Temporal.Instant;
    readonly expiresAt: Temporal.Instant;
  },
): Promise<boolean> {
  const issued = await execute(
    client,
    sql`update gate set token_hash = ${token.hash}, token_binding = ${token.binding}, token_void = null,
          token_issued_at = ${toTimestamp(token.at)}, token_expires_at = ${toTimestamp(token.expiresAt)}
        where id = ${id} and token_used_at is null`,
  );
  return issued === 1;
}

export async function voidGateToken(client: Queryable, id: string, reason: string): Promise<void> {
  await execute(
    client,
    sql`update gate set token_void = ${reason}
        where id = ${id} and token_hash is not null and token_used_at is null and token_void is null`,
  );
}

/** False when it has been used: the condition stands in the statement, so that two cannot both be told yes. */
export async function useGateToken(
  client: Queryable,
  id: string,
  at: Temporal.Instant,
  lease: NonNullable<StoredGate["lease"]>,
): Promise<boolean> {
  const used = await execute(
    client,
    sql`update gate set token_used_at = ${toTimestamp(at)}, lease_id = ${lease.id}, lease_hash = ${lease.hash},
          lease_expires_at = ${toTimestamp(lease.expiresAt)}
        where id = ${id} and token_used_at is null and token_hash is not null`,
  );
  return used === 1;
}

export async function noteGateResult(client: Queryable, id: string, said: GateResult): Promise<void> {
  await execute(client, sql`update gate set result = ${JSON.stringify(said)} where id = ${id}`);
}

/** Started, and the lease has ended. */
export async function lapsedGates(
  client: Queryable,
  now: Temporal.Instant,
  limit: number,
): Promise<readonly StoredGate[]> {
  return query(
    client,
    sql`select g.* from deployment d join gate g on g.deployment_id = d.id
        where d.state = 'running' and g.lease_expires_at <= ${toTimestamp(now)}
        order by g.lease_expires_at limit ${limit} for update of g skip locked`,
    parseGate,
  );
}

/** Parked, denied by the verdict in force, and not meant to wait for that. */
export async function deniedGates(client: Queryable, limit: number): Promise<readonly StoredGate[]> {
  return query(
    client,
    sql`select g.* from deployment d join gate g on g.deployment_id = d.id join verdict v on v.id = d.verdict_id
        where d.state = 'waiting' and g.when_denied = 'end' and v.decision = 'deny'
        order by d.requested_at limit ${limit} for update of g skip locked`,
    parseGate,
  );
}

/** Allowed, and neither the verdict that allowed it nor its last token is younger than the instant. */
export async function unclaimedGates(
  client: Queryable,
  since: Temporal.Instant,
  limit: number,
): Promise<readonly StoredGate[]> {
  const at = toTimestamp(since);
  return query(
    client,
    sql`select g.* from deployment d join gate g on g.deployment_id = d.id
          left join verdict v on v.id = d.verdict_id
        where d.state = 'queued' and coalesce(g.token_issued_at, d.requested_at) <= ${at}
          and coalesce(v.at, d.requested_at) <= ${at}
        order by d.requested_at limit ${limit} for update of g skip locked`,
    parseGate,
  );
}

/**
 * Waits for everybody who is writing a configuration, a hold or a stop, and lets nobody begin until this transaction
 * ends. LOCK takes no snapshot: what they have committed is in the one that the next statement takes.
 */
export async function holdFacts(client: Queryable): Promise<void> {
  await execute(client, sql`lock table configuration_revision, hold, stop in share mode`);
}

export async function newestFactAt(client: Queryable): Promise<Temporal.Instant | null> {
  const newest = sql`select greatest(
      (select max(at) from configuration_revision), (select max(since) from hold), (select max(since) from stop)) as at`;
  return (await queryOne(client, newest, z.object({ at: instant.nullable() })))?.at ?? null;
}

/** Newest first; the cursor is the last row's id, which rises with time. */
export async function gatesBefore(
  client: Queryable,
  filter: {
    readonly state: "open" | "ended" | null;
    readonly environment: string | null;
    readonly limit: number;
    readonly cursor: string | null;
  },
): Promise<{ readonly items: readonly StoredGate[]; readonly next: string | null }> {
  const { state, environment, limit } = filter;
  const key = filter.cursor === null ? null : z.tuple([z.string()]).safeParse(decodeCursor(filter.cursor));
  if (key !== null && !key.success) return { items: [], next: null };
  const before = key?.data[0] ?? null;
  const found = await query(
    client,
    sql`select g.* from gate g join deployment d on d.id = g.deployment_id
        where (${before}::text is null or g.id < ${before})
          and (${environment}::text is null or d.environment = ${environment})
          and (${state}::text is null or (d.ended_at is null) = (${state} = 'open'))
        order by g.id desc limit ${limit + 1}`,
    parseGate,
  );
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length <= limit || last === undefined ? null : encodeCursor([last.id]) };
}
