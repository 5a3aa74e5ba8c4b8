import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { execute, query, sql } from "#store/sql.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import { makeReturnStrays } from "#workflows/engine/strays.ts";
import { migrated } from "./dbos-bench.ts";

const statuses = z.object({ id: z.string(), status: z.string() });

test("What was claimed and never begun goes back to its queue at the second look; what runs, is new or is another's stays", async () => {
  await using database = await freshDatabase();
  await using pool = await opened(database.connectionString);
  const claim = async (id: string, executor: string, xid: string): Promise<void> => {
    await execute(
      pool.pool,
      sql`insert into dbos.workflow_status (workflow_uuid, status, name, executor_id, queue_name, owner_xid, created_at, updated_at)
          values (${id}, 'PENDING', 'work', ${executor}, 'runs', ${xid}, 1, 1)`,
    );
  };
  const now = async (): Promise<readonly string[]> =>
    (
      await query(pool.pool, sql`select workflow_uuid as id, status from dbos.workflow_status order by 1`, statuses)
    ).map(({ id, status }) => `${id} ${status}`);
  await claim("lost", "we", "7");
  await claim("running", "we", "7");
  await claim("theirs", "they", "7");
  const look = makeReturnStrays({ pool: pool.pool, executor: "we", isUnderWay: (run) => run === "running" });
  assert.equal(await look(), 0);
  await claim("new", "we", "8");
  assert.equal(await look(), 1);
  assert.deepEqual(await now(), ["lost ENQUEUED", "new PENDING", "running PENDING", "theirs PENDING"]);
  // Claimed again between two looks: that is another claim, of which nothing is known yet.
  await execute(pool.pool, sql`update dbos.workflow_status set owner_xid = '9' where workflow_uuid = 'new'`);
  assert.equal(await look(), 0);
  assert.equal(await look(), 1);
});

async function opened(connectionString: string) {
  const pool = await migrated({ connectionString, [Symbol.asyncDispose]: async () => undefined });
  return { pool, [Symbol.asyncDispose]: () => pool.end() };
}
