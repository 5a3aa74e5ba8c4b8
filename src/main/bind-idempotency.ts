import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import type { IdempotencyStore } from "#api/deps.ts";
import { err, ok } from "#core/result.ts";
import type { Log } from "#runtime/log.ts";
import {
  actUnder,
  AttemptLost,
  endAttempt,
  keepTrying,
  releaseKey,
  reserveKey,
  storeAnswer,
} from "#store/idempotency.ts";

/** A caller does not wait longer than this for what comes of a broken attempt: the store may be away. */
const settleMs = 1_000;

/**
 * The keys of requests in the store. Each statement is one transaction. What cannot be settled at once is settled in the
 * background, so that the next try need not wait for the reservation to run out.
 */
export function bindIdempotency(pool: Pool, stopping: AbortSignal, log: Log): IdempotencyStore {
  const settle = async (work: () => Promise<void>): Promise<void> => {
    const settled = keepTrying(work, stopping).catch((error: unknown) =>
      log.warn({ err: error }, "what became of an idempotent request could not be stored"),
    );
    await Promise.race([settled, delay(settleMs, undefined, { ref: false })]);
  };
  return {
    reserve: async (call) => {
      const attempt = { ...call, attempt: randomUUID() };
      try {
        const state = await reserveKey(pool, attempt);
        return state.state === "fresh" ? { state: "fresh", attempt } : state;
      } catch (error) {
        await settle(() => endAttempt(pool, attempt));
        throw error;
      }
    },
    carryOut: async (attempt, act) => {
      try {
        return ok(await actUnder(attempt, act));
      } catch (error) {
        if (error instanceof AttemptLost) return err("attempt-lost");
        await settle(() => endAttempt(pool, attempt));
        throw error;
      }
    },
    complete: (attempt, answer) => settle(() => storeAnswer(pool, attempt, answer)),
    release: (attempt) => settle(() => releaseKey(pool, attempt)),
  };
}
