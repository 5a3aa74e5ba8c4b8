import type { ClientBase, Pool, PoolClient } from "pg";
import { newId } from "#runtime/ids.ts";
import { appendAudits, auditRow, type AuditRow } from "#store/audit.ts";
import { recordsOf, type RecordHooks } from "#store/records.ts";
import { applyWakes, requestWake } from "#store/deployment-wake.ts";
import { transaction, type Queryable } from "#store/sql.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface Binding {
  /** The records of an open transaction. */
  readonly bind: (client: PoolClient) => Records;
  /** The connection behind them, for runs and messages that join the transaction. */
  readonly clientOf: (records: Records) => ClientBase;
  readonly transact: Transact;
  /** The same transaction with these runs in the place of its own; what is recorded of them is written at its end, together. */
  readonly withRuns: (records: Records, runs: Records["runs"]) => Records;
}

/**
 * Facts are read in one snapshot (repeatable read): a verdict never mixes two moments. What another transaction
 * changed in between ends in a conflict, and the body runs again on the new facts.
 */
const isolation = "repeatable read";

export function bindRecords(pool: Pool, given: RecordHooks): Binding {
  const clients = new WeakMap<Records, ClientBase>();
  const waking = new WeakSet<Queryable>();
  const gathered = new WeakMap<Queryable, readonly AuditRow[]>();
  // In one snapshot the rows of work that is being judged cannot be waited for: the change would fail because of them.
  const hooks: RecordHooks = {
    ...given,
    wake: async (client, about, now) => {
      waking.add(client);
      await requestWake(client, about, now);
    },
  };
  const bind = (client: PoolClient): Records => {
    const records: Records = recordsOf(client, hooks);
    clients.set(records, client);
    return records;
  };
  return {
    bind,
    withRuns: (records, runs) => {
      const client = clients.get(records);
      if (client === undefined) return { ...records, runs };
      const entries: AuditRow[] = [];
      gathered.set(client, entries);
      const audit = gatherInto(entries);
      const derived: Records = { ...records, runs, audit };
      clients.set(derived, client);
      return derived;
    },
    clientOf: (records) => openClient(clients.get(records)),
    transact: async (body) => {
      let used: Queryable | null = null;
      const value = await transaction(
        pool,
        async (client) => {
          used = client;
          waking.delete(client);
          gathered.delete(client);
          const done = await body(bind(client));
          await appendAudits(client, gathered.get(client) ?? []);
          return done;
        },
        { isolation },
      );
      // Should this process end here, the next sweep finds what was asked for.
      if (used !== null && waking.has(used)) await applyWakes(pool);
      return value;
    },
  };
}

/** Written later, with others. */
function gatherInto(entries: AuditRow[]): Records["audit"] {
  return { append: async (act) => void entries.push(auditRow(newId("audit"), act)) };
}

function openClient(client: ClientBase | undefined): ClientBase {
  if (client === undefined) throw new Error("these records belong to no open transaction");
  return client;
}
