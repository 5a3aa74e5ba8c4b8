import { z } from "zod";
import { whole } from "./row.ts";
import { execute, queryOne, sql, type Queryable } from "./sql.ts";

/*
 * absent → under way → answered. Used inside the transaction of the effect, a second request waits for the first
 * one's end; with transactions of its own it gets `under-way` at once. A reservation without an answer is given to the
 * next request after `abandonedAfterSeconds`: its process has died.
 */

/** Longer than any request may take. */
export const abandonedAfterSeconds = 60;

export interface IdempotentRequest {
  readonly actor: string;
  readonly key: string;
  readonly route: string;
  /** Digest over everything in the request that decides about its effect. */
  readonly bodyDigest: string;
}

export type Reservation =
  /** The caller does it and stores the answer. */
  | { readonly kind: "reserved" }
  | { readonly kind: "answered"; readonly status: number; readonly answer: unknown }
  | { readonly kind: "under-way" }
  /** The key was used for another request. */
  | { readonly kind: "conflict" };

const row = z.object({
  route: z.string(),
  body_digest: z.string(),
  status: whole.nullable(),
  answer: z.unknown(),
});

/** Insert first: of two equal requests at the same time one reserves, whatever they saw before. */
export async function reserve(client: Queryable, request: IdempotentRequest): Promise<Reservation> {
  const { actor, key, route, bodyDigest } = request;
  const added = await execute(
    client,
    sql`insert into idempotent_answer (actor, key, route, body_digest) values (${actor}, ${key}, ${route}, ${bodyDigest})
        on conflict (actor, key) do update set at = now()
        where idempotent_answer.status is null and idempotent_answer.route = excluded.route
          and idempotent_answer.body_digest = excluded.body_digest
          and idempotent_answer.at < now() - make_interval(secs => ${abandonedAfterSeconds})`,
  );
  if (added === 1) return { kind: "reserved" };
  const known = await queryOne(
    client,
    sql`select route, body_digest, status, answer from idempotent_answer where actor = ${actor} and key = ${key}`,
    row,
  );
  // Forgotten between the two statements: its effect failed just now, and the client may ask again.
  if (known === null) return { kind: "under-way" };
  if (known.route !== route || known.body_digest !== bodyDigest) return { kind: "conflict" };
  if (known.status === null) return { kind: "under-way" };
  return { kind: "answered", status: known.status, answer: known.answer };
}

/** The answer that every repetition gets. The first one stands. */
export async function storeAnswer(
  client: Queryable,
  request: Pick<IdempotentRequest, "actor" | "key">,
  answer: { readonly status: number; readonly body: unknown },
): Promise<void> {
  const stored = await execute(
    client,
    sql`update idempotent_answer set status = ${answer.status}, answer = ${JSON.stringify(answer.body ?? null)}
        where actor = ${request.actor} and key = ${request.key} and status is null`,
  );
  if (stored !== 1) throw new Error(`the key ${request.key} has an answer or was not reserved`);
}

/** Gives the key back when nothing has happened: the request failed for a reason that another attempt may not meet. */
export async function forgetReservation(
  client: Queryable,
  request: Pick<IdempotentRequest, "actor" | "key">,
): Promise<void> {
  await execute(
    client,
    sql`delete from idempotent_answer where actor = ${request.actor} and key = ${request.key} and status is null`,
  );
}

/** Removes answers of that age and older; how many. */
export async function pruneAnswers(client: Queryable, olderThanHours: number): Promise<number> {
  return execute(
    client,
    sql`delete from idempotent_answer where at <= now() - make_interval(hours => ${olderThanHours}::integer)`,
  );
}
