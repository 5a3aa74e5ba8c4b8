import { err, ok, type Result } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import type { AccessTransact, Authenticate, CredentialClock, Identity, Secrets } from "#usecases/access/identity.ts";
import { toTokenText } from "#usecases/access/token-text.ts";

export interface LogInDeps {
  readonly authenticate: Authenticate;
  readonly transact: AccessTransact;
  readonly secrets: Secrets;
  readonly now: CredentialClock;
}

/** A working day and some: long enough not to interrupt an evening release, short enough for a forgotten browser. */
export const sessionLife = Temporal.Duration.from({ hours: 12 });

export interface Session {
  readonly identity: Identity;
  /** For the cookie; shown nowhere else. */
  readonly text: string;
  /** Whole seconds until it ends. */
  readonly lifeSeconds: number;
}

export type LogIn = (input: {
  readonly token: string;
  readonly requestId: string;
}) => Promise<Result<Session, "bad-token">>;

/**
 * Exchanges a token for a new session that ends with its token at the latest. The caller learns nothing about why a
 * token is refused. A session is always a new one, whatever cookie the browser had before.
 */
export function logIn(deps: LogInDeps): LogIn {
  return async ({ token, requestId }) => {
    const known = await deps.authenticate({ kind: "token", text: token });
    if (!known.ok) return err("bad-token");
    const { actor, person, credential } = known.value;
    const now = deps.now();
    const expiresAt = earlier(now.add(sessionLife), credential.grantedUntil);
    const id = deps.secrets.newTokenId();
    const secret = deps.secrets.make();
    const inSession = { ...actor, method: "session" } as const;
    await deps.transact(async ({ insertToken, audit }) => {
      await insertToken({
        id,
        kind: "session",
        person: actor.person,
        account: actor.account,
        secretHash: deps.secrets.hash(secret),
        label: credential.id,
        parent: credential.id,
        createdAt: now,
        expiresAt,
        lastUsedAt: now,
        revokedAt: null,
      });
      await audit.append({
        at: now,
        actor: inSession,
        action: "session.begin",
        object: id,
        outcome: "done",
        reason: null,
        verdict: null,
        requestId,
        before: null,
        after: { from: credential.id, expiresAt: expiresAt.toString() },
      });
    });
    const session: Identity = {
      actor: inSession,
      person,
      credential: { id, kind: "session", expiresAt, grantedUntil: credential.grantedUntil },
    };
    const lifeSeconds = Math.floor((expiresAt.epochMilliseconds - now.epochMilliseconds) / 1000);
    return ok({ identity: session, text: toTokenText(id, secret), lifeSeconds });
  };
}

function earlier(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return isBefore(a, b) ? a : b;
}
