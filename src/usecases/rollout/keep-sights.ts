import type { Sight, Transact } from "#usecases/records.ts";

/**
 * What was seen of many runs in one transaction: thousands that are watched at the same time cost little more than one.
 * For each, in order: who has asked to abort it; null: nobody. A run is in it once at most, since each waits for its answer.
 */
export function makeKeepSights(transact: Transact): (sights: readonly Sight[]) => Promise<readonly (string | null)[]> {
  return async (sights) => {
    const asked = await transact((records) => records.timeline.keepSights(sights));
    return sights.map(({ deployment }) => asked.get(deployment) ?? null);
  };
}
