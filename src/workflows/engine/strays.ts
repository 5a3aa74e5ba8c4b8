import type { Pool } from "pg";
import { z } from "zod";
import { execute, query, sql } from "#store/sql.ts";

/*
 * Runs that are ours by the store and that nobody here executes. They come about when the reply to the COMMIT of a claim
 * is lost: the engine takes it for a refusal and starts nothing, and as long as we live nobody else takes them over.
 */

export interface StraysOptions {
  readonly pool: Pool;
  readonly executor: string;
  /** Whether this process executes the run now. */
  readonly isUnderWay: (run: string) => boolean;
}

const row = z.object({ id: z.string(), claim: z.string().nullable() });

/**
 * A look for strays; returns how many it has given back to their queues. A run counts as one when two looks in a row
 * find it claimed by the same claim and not under way: what was claimed just now has not begun yet. Were it wrong, the
 * engine would refuse the outcome of whoever is no longer the owner, and steps would be repeated under their keys.
 */
export function makeReturnStrays({ pool, executor, isUnderWay }: StraysOptions): () => Promise<number> {
  let before: ReadonlyMap<string, string | null> = new Map();
  return async () => {
    const claimed = await query(
      pool,
      sql`select workflow_uuid as id, owner_xid::text as claim from dbos.workflow_status
          where status = 'PENDING' and executor_id = ${executor} and queue_name is not null`,
      row,
    );
    const idle = claimed.filter(({ id }) => !isUnderWay(id));
    const strays = idle.filter(({ id, claim }) => before.has(id) && before.get(id) === claim);
    before = new Map(idle.map(({ id, claim }) => [id, claim]));
    let returned = 0;
    for (const { id, claim } of strays) {
      returned += await execute(
        pool,
        sql`update dbos.workflow_status
            set status = 'ENQUEUED', started_at_epoch_ms = null, owner_xid = null,
                updated_at = (extract(epoch from now()) * 1000)::bigint
            where workflow_uuid = ${id} and status = 'PENDING' and executor_id = ${executor}
              and owner_xid::text is not distinct from ${claim}`,
      );
    }
    return returned;
  };
}
