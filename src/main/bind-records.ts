import type { ClientBase, Pool, PoolClient } from "pg";
import { recordsOf, type RecordHooks } from "#store/records.ts";
import { transaction } from "#store/sql.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface Binding {
  /** The records of an open transaction. */
  readonly bind: (client: PoolClient) => Records;
  /** The connection behind them, for runs and messages that join the transaction. */
  readonly clientOf: (records: Records) => ClientBase;
  readonly transact: Transact;
}

/**
 * Facts are read in one snapshot (repeatable read): a verdict never mixes two moments. What another transaction
 * changed in between ends in a conflict, and the body runs again on the new facts.
 */
const isolation = "repeatable read";

export function bindRecords(pool: Pool, hooks: RecordHooks): Binding {
  const clients = new WeakMap<Records, ClientBase>();
  const bind = (client: PoolClient): Records => {
    const records: Records = recordsOf(client, hooks);
    clients.set(records, client);
    return records;
  };
  return {
    bind,
    clientOf: (records) => {
      const client = clients.get(records);
      if (client === undefined) throw new Error("these records belong to no open transaction");
      return client;
    },
    transact: (body) => transaction(pool, (client) => body(bind(client)), { isolation }),
  };
}
