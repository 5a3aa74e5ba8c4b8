import { setImmediate } from "node:timers/promises";
import type { Pool } from "pg";
import type { DeploymentId, VerdictId } from "#core/id.ts";
import { glance } from "#core/policy/evaluate.ts";
import { fingerprint } from "#core/policy/fingerprint.ts";
import { sha256Of } from "#runtime/digest.ts";
import { newId } from "#runtime/ids.ts";
import { dueAmong, dueOutlines, dueWork, earlierVerdicts, isFresh, saveRejudged, setTimers } from "#store/rejudge.ts";
import { transaction } from "#store/sql.ts";
import { noKnownParts } from "#store/verdict-batch.ts";
import type { Judge } from "#usecases/policy/ask-verdict.ts";
import { makeRejudge } from "#usecases/release/rejudge.ts";
import { judging } from "#main/bind-operations.ts";
import type { FactMemory } from "#main/fact-memory.ts";

export interface RejudgeParts {
  readonly pool: Pool;
  readonly memory: FactMemory;
  readonly now: () => Temporal.Instant;
  readonly judge: Judge;
  /** As `makeResumeNamed`. */
  readonly resume: (ids: readonly DeploymentId[]) => Promise<number>;
}

/** Judges due work again in bulk, from facts in memory; how many rows it looked at. */
export function bindRejudge({ pool, memory, now, judge, resume }: RejudgeParts): () => Promise<number> {
  const stored = noKnownParts();
  return makeRejudge({
    now,
    judge,
    resume,
    glance: (facts) => glance(judging.rules, facts, judging),
    outlines: (until, after, limit) => dueOutlines(pool, until, after, limit),
    fingerprint: (facts, verdict) => fingerprint(facts, verdict, sha256Of),
    known: memory.known,
    refresh: memory.refresh,
    transact: async (body) => {
      let written: readonly string[] = [];
      const result = await transaction(pool, (client) => {
        written = [];
        return body({
          due: (until, after, limit) => dueWork(client, until, after, limit),
          dueAmong: (until, ids) => dueAmong(client, until, ids),
          isFresh: (snapshot) => {
            stored.keepOnly(snapshot);
            return isFresh(client, snapshot);
          },
          earlierVerdicts: (ids) => earlierVerdicts(client, ids),
          setTimers: (timers) => setTimers(client, timers),
          save: async (rows) => {
            written = [...written, ...(await saveRejudged(client, rows, stored))];
          },
        });
      });
      // Only what has committed is there for the next time.
      stored.add(written);
      return result;
    },
    newVerdictId: () => newId<"VerdictId">("verdict") satisfies VerdictId,
    pause: () => setImmediate(),
  });
}
