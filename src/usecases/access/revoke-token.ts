import type { AccessTransact, CredentialClock, Identity } from "#usecases/access/identity.ts";

export interface RevokeOwnTokenDeps {
  readonly transact: AccessTransact;
  readonly now: CredentialClock;
}

/** False when there was nothing to revoke; another person's token looks the same as one that does not exist. */
export type RevokeOwnToken = (
  input: { readonly id: string },
  call: { readonly identity: Identity; readonly requestId: string },
) => Promise<boolean>;

/** Ends a token of the caller's, or their session (log-out), and with a token all sessions that came from it. */
export function revokeOwnToken(deps: RevokeOwnTokenDeps): RevokeOwnToken {
  return ({ id }, { identity, requestId }) =>
    deps.transact(async ({ revokeToken, audit }) => {
      const now = deps.now();
      const revoked = await revokeToken(id, identity.person.name, now);
      if (!revoked) return false;
      await audit.append({
        at: now,
        actor: identity.actor,
        action:
          id === identity.credential.id && identity.credential.kind === "session" ? "session.end" : "token.revoke",
        object: id,
        outcome: "done",
        reason: null,
        verdict: null,
        requestId,
        before: null,
        after: null,
      });
      return true;
    });
}
