import { DBOSClient } from "@dbos-inc/dbos-sdk";
import type { ClientBase, Pool } from "pg";
import { firstServerOf } from "#store/sql.ts";
import { defaultPriority, type FlowStarter } from "#workflows/flow.ts";
import type { EngineLog } from "./log.ts";

/** Owner of all rows in the engine's tables. */
export const applicationName = "tidegate";
/** Fixed: a version made from the source would strand week-long runs at every deployment. Changes go by patch(). */
export const applicationVersion = "1";

/** How a message lies in the store: a body, or the news that the deadline of a wait has come. */
export type Envelope =
  | { readonly kind: "message"; readonly body: unknown }
  | { readonly kind: "deadline"; readonly wait: string };

export interface StarterOptions<Tx> {
  readonly connectionString: string;
  readonly pool: Pool;
  /** The connection on which the transaction is open. */
  readonly clientOf: (tx: Tx) => ClientBase;
  readonly log: EngineLog;
}

export interface DbosStarter<Tx> {
  readonly starter: FlowStarter<Tx>;
  readonly client: DBOSClient;
}

/** Starts runs and sends messages without executing anything: all that a process of role `api` needs. */
export async function createStarter<Tx>(options: StarterOptions<Tx>): Promise<DbosStarter<Tx>> {
  const client = await DBOSClient.create({
    // Its name is read from it; what is sent goes through the pool.
    systemDatabaseUrl: firstServerOf(options.connectionString),
    systemDatabasePool: options.pool,
    applicationName,
    logger: options.log,
  });
  const starter: FlowStarter<Tx> = {
    start: async (tx, { workflow, id, input, place, priority }) => {
      const target = { workflowName: workflow, workflowID: id, appVersion: applicationVersion };
      const order = { queueName: place.queue, queuePartitionKey: place.key, priority: priority ?? defaultPriority };
      await client.enqueueInTransaction(options.clientOf(tx), { ...target, ...order }, input);
    },
    send: async (tx, { to, topic, body, key }) => {
      const envelope: Envelope = { kind: "message", body };
      await client.sendInTransaction(options.clientOf(tx), to, envelope, topic, key);
    },
  };
  return { starter, client };
}
