import type { Pool } from "pg";
import { systemClock } from "#runtime/clock.ts";
import { secrets } from "#runtime/secrets.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { viewsOf } from "#store/views.ts";
import { toTokenText } from "#usecases/access/token-text.ts";
import { accessTransact, bootstrap } from "#main/bind-access.ts";

/**
 * A token for an account. Before any configuration names people, the one account that exists is `bootstrap`: it may
 * apply the first configuration, and stops existing when that names other people.
 */
export async function newTokenFor(
  pool: Pool,
  wish: { readonly account: string; readonly label: string; readonly hours: number },
): Promise<string> {
  const people = await viewsOf(pool, { organisations: createOrganisationCache() }).people();
  const owner = [...people.values()].find(({ accounts }) => accounts.some(({ name }) => name === wish.account));
  const person = owner?.name ?? (people.size === 0 && wish.account === bootstrap.name ? bootstrap.name : null);
  if (person === null)
    throw new Error(`The configuration in force knows no account ${wish.account}; apply one that names it first.`);
  const id = secrets.newTokenId();
  const secret = secrets.make();
  const now = systemClock.now();
  const expiresAt = now.add({ hours: wish.hours });
  await accessTransact(pool)(async ({ insertToken, audit }) => {
    await insertToken({
      id,
      kind: "token",
      person,
      account: wish.account,
      secretHash: secrets.hash(secret),
      label: wish.label,
      parent: null,
      createdAt: now,
      expiresAt,
      lastUsedAt: null,
      revokedAt: null,
    });
    await audit.append({
      at: now,
      actor: { person: "host", account: "host", method: "system" },
      action: "token.issue",
      object: id,
      outcome: "done",
      reason: wish.label,
      verdict: null,
      requestId: null,
      before: null,
      after: { account: wish.account, expiresAt: expiresAt.toString() },
    });
  });
  return toTokenText(id, secret);
}
