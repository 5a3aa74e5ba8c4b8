import { AsyncLocalStorage } from "node:async_hooks";
import type { ClientBase } from "pg";

/** Runs inside of a transaction, as its last statement. */
export type LastStatement = (client: Pick<ClientBase, "query">) => Promise<void>;

const current = new AsyncLocalStorage<LastStatement>();

/**
 * Every transaction that `act` commits ends with this statement, however deep in it the transaction is: the act does not
 * know under which key it was asked for. What goes on in the background behind the end of the act is free of it.
 */
export async function withLastStatement<T>(last: LastStatement, act: () => Promise<T>): Promise<T> {
  let isOver = false;
  const unlessOver: LastStatement = async (client) => {
    if (!isOver) await last(client);
  };
  try {
    return await current.run(unlessOver, act);
  } finally {
    isOver = true;
  }
}

/** The body of a transaction, with that statement at its end. */
export function endedByLastStatement<Client extends Parameters<LastStatement>[0], T>(
  body: (client: Client) => Promise<T>,
): (client: Client) => Promise<T> {
  return async (client) => {
    const value = await body(client);
    await current.getStore()?.(client);
    return value;
  };
}
