import { err, ok, type Result } from "#core/result.ts";
import type { Authenticate, Identity } from "#usecases/access/identity.ts";

export interface Proven {
  readonly account: string;
  /** Id of the token that was shown. */
  readonly token: string;
}

export type ProveIdentity = (
  token: string,
  identity: Identity,
) => Promise<Result<Proven, "bad-token" | "not-your-token" | "automation-may-not-sign">>;

/**
 * Re-authentication: whoever is let in already shows a token once more, and it has to speak for the same person through an
 * account of a human. A session that was left open, or a bot, proves nothing about who sits there now.
 */
export function proveIdentity(authenticate: Authenticate): ProveIdentity {
  return async (token, { person }) => {
    const known = await authenticate({ kind: "token", text: token });
    if (!known.ok) return err("bad-token");
    const { actor, credential } = known.value;
    if (actor.person !== person.name) return err("not-your-token");
    const isHuman = known.value.person.accounts.some(({ name, kind }) => name === actor.account && kind === "human");
    return isHuman ? ok({ account: actor.account, token: credential.id }) : err("automation-may-not-sign");
  };
}
