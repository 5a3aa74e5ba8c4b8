import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { withLastStatement } from "./last-statement.ts";
import { whole } from "./row.ts";
import { execute, isTransient, queryOne, sql, type Queryable } from "./sql.ts";

/*
 * absent → in progress → answered, or absent again when nothing was done, or ended without an answer. A transaction that
 * does something for a request marks the request's row as its last statement. So the row says what became of the request
 * even when the outcome of COMMIT is unknown: no mark, nothing done. Whoever wants to know waits for the transaction by the
 * row's lock. A reservation that nobody has ended goes to the next request after `abandonedAfterSeconds`: its process has
 * died. Should it be alive after all, its transactions find that the key is no longer theirs, and are rolled back.
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
  /** Carried out again it finds what it made the first time, and answers with that. */
  readonly isRepeatable: boolean;
}

/** The right to carry it out, until somebody else gets it; `attempt` is a UUID, another one with each attempt. */
export interface Attempt extends IdempotentRequest {
  readonly attempt: string;
}

export type KeyState =
  /** The caller does it and stores the answer. */
  | { readonly state: "fresh" }
  | { readonly state: "replay"; readonly status: number; readonly body: unknown }
  | { readonly state: "in-progress" }
  /** It was carried out, wholly or in part, and nobody knows the answer any more. */
  | { readonly state: "answer-lost" }
  /** The key was used for another request. */
  | { readonly state: "conflict" };

/** The transaction was rolled back: the key has gone to another request of the same content. */
export class AttemptLost extends Error {
  constructor(key: string) {
    super(`The idempotency key ${key} was given to another request: nothing was done here.`);
    this.name = "AttemptLost";
  }
}

const row = z.object({
  operation: z.string(),
  body_digest: z.string(),
  status: whole.nullable(),
  answer: z.unknown(),
  acted: z.boolean(),
  takeable: z.boolean(),
});
const takeable = sql`status is null and (ended or at < now() - make_interval(secs => ${abandonedAfterSeconds}))`;

/**
 * Of two equal requests at the same time one reserves, whatever they saw before. A row that is there is not inserted
 * against: that would wait for a transaction that marks it. The caller made up the attempt, so that it can end it should
 * the answer to this get lost.
 */
export async function reserveKey(client: Queryable, request: Attempt): Promise<KeyState> {
  const { scope, key, operation, bodyDigest, attempt } = request;
  const added = await execute(
    client,
    sql`insert into idempotent_answer (scope, key, operation, body_digest, attempt)
        select ${scope}, ${key}, ${operation}, ${bodyDigest}, ${attempt}
        where not exists (select 1 from idempotent_answer where scope = ${scope} and key = ${key})
        on conflict (scope, key) do nothing`,
  );
  if (added === 1) return { state: "fresh" };
  const known = await queryOne(
    client,
    sql`select operation, body_digest, status, answer, acted, ${takeable} as takeable
        from idempotent_answer where scope = ${scope} and key = ${key}`,
    row,
  );
  // Given back between the two statements: nothing was done, and the client may ask again.
  if (known === null) return { state: "in-progress" };
  if (known.operation !== operation || known.body_digest !== bodyDigest) return { state: "conflict" };
  if (known.status !== null) return { state: "replay", status: known.status, body: known.answer };
  if (!known.takeable) return { state: "in-progress" };
  if (known.acted && !request.isRepeatable) return { state: "answer-lost" };
  return takeOver(client, request);
}

/** Nobody is waited for: a row that is locked belongs to a transaction that still comes to its end. */
async function takeOver(client: Queryable, { scope, key, attempt, isRepeatable }: Attempt): Promise<KeyState> {
  const unlocked = sql`select 1 from idempotent_answer where scope = ${scope} and key = ${key} for update skip locked`;
  const taken = await execute(
    client,
    sql`update idempotent_answer set at = now(), attempt = ${attempt}, ended = false
        where scope = ${scope} and key = ${key} and ${takeable} and (not acted or ${isRepeatable})
          and exists (${unlocked})`,
  );
  return { state: taken === 1 ? "fresh" : "in-progress" };
}

/** Whatever `act` commits is marked as done for this request, in the same transaction. Throws `AttemptLost`. */
export function actUnder<T>(attempt: Attempt, act: () => Promise<T>): Promise<T> {
  return withLastStatement((client) => markActed(client, attempt), act);
}

const hasWritten = z.object({ has_written: z.boolean() });

async function markActed(client: Queryable, { scope, key, attempt }: Attempt): Promise<void> {
  const marked = await execute(
    client,
    sql`update idempotent_answer set acted = true
        where scope = ${scope} and key = ${key} and attempt = ${attempt} and status is null
          and pg_current_xact_id_if_assigned() is not null`,
  );
  if (marked === 1) return;
  const own = await queryOne(
    client,
    sql`select pg_current_xact_id_if_assigned() is not null as has_written`,
    hasWritten,
  );
  if (own?.has_written === true) throw new AttemptLost(key);
}

/** The answer that every repetition gets. The first one stands; that of an attempt that was lost is dropped. */
export async function storeAnswer(
  client: Queryable,
  { scope, key, attempt }: Attempt,
  answer: { readonly status: number; readonly body: unknown },
): Promise<void> {
  await execute(
    client,
    sql`update idempotent_answer set status = ${answer.status}, answer = ${JSON.stringify(answer.body ?? null)}
        where scope = ${scope} and key = ${key} and attempt = ${attempt} and status is null`,
  );
}

/** Gives the key back when nothing has happened: the request failed for a reason that another attempt may not meet. */
export async function releaseKey(client: Queryable, { scope, key, attempt }: Attempt): Promise<void> {
  await execute(
    client,
    sql`delete from idempotent_answer
        where scope = ${scope} and key = ${key} and attempt = ${attempt} and status is null`,
  );
}

/** Ends an attempt that broke, when its transactions have ended: the key is free if none of them did anything. */
export async function endAttempt(client: Queryable, { scope, key, attempt }: Attempt): Promise<void> {
  const own = sql`scope = ${scope} and key = ${key} and attempt = ${attempt} and status is null`;
  // At read committed the delete waits for a transaction that is still under way, and looks at the row as it left it.
  const freed = await execute(client, sql`delete from idempotent_answer where ${own} and not acted`);
  if (freed === 0) await execute(client, sql`update idempotent_answer set ended = true where ${own}`);
}

const firstPauseMs = 50;
const maxPauseMs = 1_000;

/**
 * Settles what is known of an attempt, for as long as its key is reserved: the store may be away, or a transaction of the
 * attempt may hold its row. `settle` bears being repeated.
 */
export async function keepTrying(settle: () => Promise<void>, stopping: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(abandonedAfterSeconds * 1_000)]);
  for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(maxPauseMs, pauseMs * 2)) {
    try {
      await settle();
      return;
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Removes answers of that age and older; how many. */
export async function pruneAnswers(client: Queryable, olderThanHours: number): Promise<number> {
  return execute(
    client,
    sql`delete from idempotent_answer where at <= now() - make_interval(hours => ${olderThanHours}::integer)`,
  );
}
