import type { Pool, PoolClient } from "pg";
import type { Access } from "#api/deps.ts";
import type { Person } from "#core/catalog/people.ts";
import { systemClock } from "#runtime/clock.ts";
import { coalesce } from "#runtime/coalesce.ts";
import { newId } from "#runtime/ids.ts";
import { secrets } from "#runtime/secrets.ts";
import { findTokens, insertToken, revokeToken, touchToken } from "#store/access.ts";
import { appendAudit } from "#store/audit.ts";
import { transaction } from "#store/sql.ts";
import { authenticate } from "#usecases/access/authenticate.ts";
import { createToken } from "#usecases/access/create-token.ts";
import type { AccessTransact } from "#usecases/access/identity.ts";
import { logIn } from "#usecases/access/log-in.ts";
import { proveIdentity } from "#usecases/access/prove-identity.ts";
import { revokeOwnToken } from "#usecases/access/revoke-token.ts";
import type { Views } from "#usecases/views.ts";

/** Credentials live on the machine's clock: a shifted demonstration neither revives nor ends them. */
const now = systemClock.now;

/**
 * Before any configuration names people somebody has to apply the first one: a token for this person is issued on the
 * host only, and the person is gone as soon as the configuration names anybody.
 */
export const bootstrap: Person = {
  name: "bootstrap",
  displayName: "First set-up",
  teams: [],
  roles: ["administrator"],
  accounts: [{ name: "bootstrap", kind: "human" }],
};

const lookUps = { max: 500, concurrency: 2 } as const;

export function bindAccess(pool: Pool, views: Pick<Views, "people">): Access {
  const transact = accessTransact(pool);
  // Calls that come at the same time are looked up together; none is answered from before it came.
  const people = coalesce(async (asked: readonly null[]) => {
    const known = await views.people();
    return asked.map(() => known);
  }, lookUps);
  const identify = authenticate({
    findToken: coalesce((ids: readonly string[]) => findTokens(pool, ids), lookUps),
    touchToken: async (id, at) => {
      await touchToken(pool, id, at);
    },
    findPerson: async (name) => {
      const known = await people(null);
      return known.get(name) ?? (known.size === 0 && name === bootstrap.name ? bootstrap : null);
    },
    secrets,
    now,
  });
  return {
    authenticate: identify,
    logIn: logIn({ authenticate: identify, transact, secrets, now }),
    createToken: createToken({ transact, secrets, now }),
    revokeToken: revokeOwnToken({ transact, now }),
    prove: proveIdentity(identify),
  };
}

export function accessTransact(pool: Pool): AccessTransact {
  return (body) => transaction(pool, (client) => body(recordsOn(client)));
}

function recordsOn(client: PoolClient): Parameters<Parameters<AccessTransact>[0]>[0] {
  return {
    insertToken: async (token) => {
      await insertToken(client, token);
    },
    revokeToken: (id, person, at) => revokeToken(client, id, person, at),
    audit: { append: (act) => appendAudit(client, newId("audit"), act) },
  };
}
