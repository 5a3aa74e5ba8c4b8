import { DBOS } from "@dbos-inc/dbos-sdk";
import type { PoolClient } from "pg";
import { systemClock } from "#runtime/clock.ts";
import { transaction } from "#store/sql.ts";
import { migrated } from "#test/engine/dbos-bench.ts";
import { until } from "#test/support/installation.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import { createDbosEngine } from "#workflows/engine/dbos.ts";
import { silentLog } from "#workflows/engine/log.ts";
import type { Workflow } from "#workflows/flow.ts";
import { line, rate } from "./report.ts";

/*
 * What the durable engine does by itself, and what it does behind our Flow: the same number of empty steps, in the same
 * process on the same PostgreSQL. Their ratio is the price of queue, lease and idempotency keys.
 */

const workflows = 400;
const steps = 10;
const lanes = 16;
const endMs = 120_000;
const queue = "bench";

const nothing = (): Promise<null> => Promise.resolve(null);

const flow: Workflow<PoolClient, number, string> = {
  name: "bench-flow",
  body: async ({ step }) => {
    for (let at = 0; at < steps; at++) await step(`step ${at}`, nothing);
    return "done";
  },
};

async function bare(_index: number): Promise<string> {
  for (let at = 0; at < steps; at++) await DBOS.runStep(nothing, { name: `step ${at}` });
  return "done";
}

export async function measureEngine(): Promise<void> {
  await using database = await freshDatabase();
  const pool = await migrated(database);
  const engine = await createDbosEngine<PoolClient>({
    connectionString: database.connectionString,
    bind: (client) => client,
    clientOf: (tx) => tx,
    queues: [queue],
    clock: systemClock,
    log: silentLog,
  });
  engine.register(flow);
  const bareWorkflow = DBOS.registerWorkflow(bare, { name: "bench-bare" });
  await engine.launch();
  try {
    const alone = await rate(workflows, lanes, async (index) => {
      await (await DBOS.startWorkflow(bareWorkflow)(index)).getResult();
    });
    line(`engine alone, workflows of ${steps} steps`, alone, "1/s", workflows);
    line("engine alone, steps", alone * steps, "1/s", workflows * steps);
    const startedAt = performance.now();
    for (let index = 0; index < workflows; index++) {
      const id = `bench-${index}`;
      const place = { queue, key: id };
      await transaction(pool, (tx) => engine.starter.start(tx, { workflow: flow.name, id, input: index, place }));
    }
    const ended = async (): Promise<boolean> => {
      const { rows } = await pool.query<{ n: string }>(
        "select count(*) as n from dbos.workflow_status where name = $1 and status = 'SUCCESS'",
        [flow.name],
      );
      return Number(rows[0]?.n ?? 0) === workflows;
    };
    await until("all have ended", ended, endMs);
    const ours = (workflows * 1000) / (performance.now() - startedAt);
    line(`behind the Flow, queued, workflows of ${steps} steps`, ours, "1/s", workflows);
    line("engine alone / behind the Flow", alone / ours, "1", workflows);
  } finally {
    await engine.stop();
    await pool.end();
  }
}
