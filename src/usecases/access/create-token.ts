import { err, ok, type Result } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import type { AccessTransact, CredentialClock, Identity, Secrets } from "#usecases/access/identity.ts";
import { toTokenText } from "#usecases/access/token-text.ts";

export interface CreateTokenDeps {
  readonly transact: AccessTransact;
  readonly secrets: Secrets;
  readonly now: CredentialClock;
}

export type CreateToken = (
  input: { readonly account: string; readonly label: string; readonly expiresInHours: number },
  call: { readonly identity: Identity; readonly requestId: string },
) => Promise<
  Result<
    { readonly id: string; readonly text: string; readonly expiresAt: Temporal.Instant },
    "not-your-account" | "outlives-its-maker"
  >
>;

/**
 * A token for one of the caller's own accounts. It carries the rights of the person, so it can never be broader than
 * what made it; it never lives longer than the token at the root of what made it either.
 */
export function createToken(deps: CreateTokenDeps): CreateToken {
  return async (input, { identity, requestId }) => {
    if (!identity.person.accounts.some(({ name }) => name === input.account)) return err("not-your-account");
    const now = deps.now();
    const expiresAt = now.add({ hours: input.expiresInHours });
    if (isBefore(identity.credential.grantedUntil, expiresAt)) return err("outlives-its-maker");
    const id = deps.secrets.newTokenId();
    const secret = deps.secrets.make();
    await deps.transact(async ({ insertToken, audit }) => {
      await insertToken({
        id,
        kind: "token",
        person: identity.person.name,
        account: input.account,
        secretHash: deps.secrets.hash(secret),
        label: input.label,
        parent: identity.credential.id,
        createdAt: now,
        expiresAt,
        lastUsedAt: null,
        revokedAt: null,
      });
      await audit.append({
        at: now,
        actor: identity.actor,
        action: "token.create",
        object: id,
        outcome: "done",
        reason: null,
        verdict: null,
        requestId,
        before: null,
        after: { account: input.account, label: input.label, expiresAt: expiresAt.toString() },
      });
    });
    return ok({ id, text: toTokenText(id, secret), expiresAt });
  };
}
