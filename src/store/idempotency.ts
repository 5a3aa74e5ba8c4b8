import { z } from "zod";
import { whole } from "./row.ts";
import { execute, queryOne, sql, type Queryable } from "./sql.ts";

/*
 * absent → in progress → answered. Used inside the transaction of the effect, a second request waits for the first
 * one's end; with transactions of its own it gets `in-progress` at once. A reservation without an answer is given to the
 * next request after `abandonedAfterSeconds`: its process has died.
 */

/** Longer than any request may take. */
export const abandonedAfterSeconds = 60;

/** `scope` is the account. */
export interface IdempotentRequest {
  readonly scope: string;
  readonly key: string;
  readonly operation: string;
  /** Digest over everything in the request that decides about its effect. */
  readonly bodyDigest: string;
}

export type KeyState =
  /** The caller does it and stores the answer. */
  | { readonly state: "fresh" }
  | { readonly state: "replay"; readonly status: number; readonly body: unknown }
  | { readonly state: "in-progress" }
  /** The key was used for another request. */
  | { readonly state: "conflict" };

const row = z.object({
  operation: z.string(),
  body_digest: z.string(),
  status: whole.nullable(),
  answer: z.unknown(),
});

/** Insert first: of two equal requests at the same time one reserves, whatever they saw before. */
export async function reserveKey(client: Queryable, request: IdempotentRequest): Promise<KeyState> {
  const { scope, key, operation, bodyDigest } = request;
  const added = await execute(
    client,
    sql`insert into idempotent_answer (scope, key, operation, body_digest)
        values (${scope}, ${key}, ${operation}, ${bodyDigest})
        on conflict (scope, key) do update set at = now()
        where idempotent_answer.status is null and idempotent_answer.operation = excluded.operation
          and idempotent_answer.body_digest = excluded.body_digest
          and idempotent_answer.at < now() - make_interval(secs => ${abandonedAfterSeconds})`,
  );
  if (added === 1) return { state: "fresh" };
  const known = await queryOne(
    client,
    sql`select operation, body_digest, status, answer from idempotent_answer where scope = ${scope} and key = ${key}`,
    row,
  );
  // Given back between the two statements: nothing was done, and the client may ask again.
  if (known === null) return { state: "in-progress" };
  if (known.operation !== operation || known.body_digest !== bodyDigest) return { state: "conflict" };
  if (known.status === null) return { state: "in-progress" };
  return { state: "replay", status: known.status, body: known.answer };
}

/** The answer that every repetition gets. The first one stands: a second one is a bug, so it throws. */
export async function storeAnswer(
  client: Queryable,
  { scope, key }: Pick<IdempotentRequest, "scope" | "key">,
  answer: { readonly status: number; readonly body: unknown },
): Promise<void> {
  const stored = await execute(
    client,
    sql`update idempotent_answer set status = ${answer.status}, answer = ${JSON.stringify(answer.body ?? null)}
        where scope = ${scope} and key = ${key} and status is null`,
  );
  if (stored !== 1) throw new Error(`the key ${key} has an answer or was not reserved`);
}

/** Gives the key back when nothing has happened: the request failed for a reason that another attempt may not meet. */
export async function releaseKey(
  client: Queryable,
  { scope, key }: Pick<IdempotentRequest, "scope" | "key">,
): Promise<void> {
  await execute(client, sql`delete from idempotent_answer where scope = ${scope} and key = ${key} and status is null`);
}

/** Removes answers of that age and older; how many. */
export async function pruneAnswers(client: Queryable, olderThanHours: number): Promise<number> {
  return execute(
    client,
    sql`delete from idempotent_answer where at <= now() - make_interval(hours => ${olderThanHours}::integer)`,
  );
}
