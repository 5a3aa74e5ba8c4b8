import { setTimeout as delay } from "node:timers/promises";
import { DBOS } from "@dbos-inc/dbos-sdk";
import {
  assertStillOwnsWorkflow,
  DBOSStepAlreadyRecordedError,
  isPGKeyConflictError,
  migrateDataSourcePG,
  replayRecordedStep,
  type DataSourceTransactionHandler,
} from "@dbos-inc/dbos-sdk/datasource";
import type { ClientBase, Pool, PoolClient } from "pg";
import { z } from "zod";
import { execute, isTransient, queryOne, sql, transaction, type Isolation } from "#store/sql.ts";
import { fromStore } from "./stored.ts";

/*
 * Domain rows and the checkpoint of their step commit together, through DBOS's public data source interface. The ones
 * that DBOS publishes do not run with 5.3 and are not needed: the table is `dbos.transaction_completion`.
 */

export const dataSourceName = "tidegate";

export interface DataSourceOptions {
  readonly pool: Pool;
  readonly isolation: Isolation;
}

/** What `flow.tx` hands over as the configuration of its call. */
export interface TransactionCall {
  /** Awaited before a transaction is opened, so that nobody waits inside one. */
  readonly guard: () => Promise<void>;
  readonly run: (client: PoolClient) => Promise<unknown>;
}

const firstPauseMs = 100;
const maxPauseMs = 2_000;
const outcomeRow = z.object({ output: z.string().nullable(), error: z.string().nullable() });

export function createDataSource(options: DataSourceOptions): DataSourceTransactionHandler {
  return {
    name: dataSourceName,
    initialize: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
    deleteCheckpoints: (workflowID, startStep, beforeCommit) =>
      transaction(options.pool, async (client) => {
        await execute(
          client,
          sql`delete from dbos.transaction_completion where workflow_id = ${workflowID} and function_num >= ${startStep}`,
        );
        await beforeCommit?.();
      }),
    invokeTransactionFunction: async <This, Args extends unknown[], Return>(
      config: unknown,
      _target: This,
      _body: (this: This, ...args: Args) => Promise<Return>,
      ..._args: Args
    ): Promise<Return> => fromStore<Return>(await invoke(options, fromStore<TransactionCall>(config))),
  };
}

/**
 * Goes on until the store is back, and until nobody is in the way any more: a lock that was not given in time says nothing
 * about the run either. An unknown commit is no problem here: the checkpoint says what became of it.
 */
async function invoke(options: DataSourceOptions, call: TransactionCall): Promise<unknown> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, pauseMs * 2)) {
    try {
      return await invokeOnce(options, call);
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    await delay(pauseMs);
  }
}

async function invokeOnce(options: DataSourceOptions, call: TransactionCall): Promise<unknown> {
  const { workflowID, stepID } = DBOS;
  if (workflowID === undefined || stepID === undefined) throw new Error("flow.tx was called outside of a run");
  const recorded = await recordedOutcome(options.pool, workflowID, stepID);
  if (recorded !== null) return replayRecordedStep(recorded);
  await call.guard();
  try {
    return await transaction(
      options.pool,
      async (client) => {
        const value = await call.run(client);
        await recordOutcome(client, workflowID, stepID, value);
        await assertStillOwnsWorkflow(workflowID);
        return value;
      },
      { isolation: options.isolation },
    );
  } catch (error) {
    if (!(error instanceof DBOSStepAlreadyRecordedError)) throw error;
    const other = await recordedOutcome(options.pool, workflowID, stepID);
    if (other === null) throw error;
    return replayRecordedStep(other);
  }
}

function recordedOutcome(pool: Pool, workflowID: string, stepID: number): Promise<z.infer<typeof outcomeRow> | null> {
  return queryOne(
    pool,
    sql`select output, error from dbos.transaction_completion
        where workflow_id = ${workflowID} and function_num = ${stepID}`,
    outcomeRow,
  );
}

/** `replayRecordedStep` reads the format of superjson, of which `{"json": …}` is the part that plain JSON needs. */
async function recordOutcome(client: PoolClient, workflowID: string, stepID: number, value: unknown): Promise<void> {
  const output = JSON.stringify({ json: value ?? null });
  try {
    await execute(
      client,
      sql`insert into dbos.transaction_completion (workflow_id, function_num, output)
          values (${workflowID}, ${stepID}, ${output})`,
    );
  } catch (error) {
    if (isPGKeyConflictError(error)) throw new DBOSStepAlreadyRecordedError(workflowID, stepID);
    throw error;
  }
}

/** Makes or updates the table above; in one transaction, because that is what DBOS's lock needs. */
export async function migrateDataSource(client: ClientBase): Promise<void> {
  await client.query("begin");
  try {
    await migrateDataSourcePG(async (text) => (await client.query<Record<string, unknown>>(text)).rows);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}
