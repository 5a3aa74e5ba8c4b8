import { setTimeout as delay } from "node:timers/promises";
import { isTransient } from "#store/sql.ts";
import type { Transact } from "#usecases/records.ts";

const firstPauseMs = 100;
const maxPauseMs = 2_000;

/**
 * The same transactions for whoever is in the middle of an effect: a store that is away, or a lock that is not given in
 * time, is waited out, because it says nothing about the effect. Bodies run again after an unknown COMMIT, so they must do
 * no harm by that.
 */
export function patiently(transact: Transact): Transact {
  return async (body) => {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, pauseMs * 2)) {
      try {
        return await transact(body);
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
      await delay(pauseMs);
    }
  };
}
