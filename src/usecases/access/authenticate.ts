import type { Person } from "#core/catalog/people.ts";
import { err, ok } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import type {
  Authenticate,
  AuthenticationFailure,
  Credential,
  CredentialClock,
  FindPerson,
  FindToken,
  Secrets,
  StoredToken,
  TouchToken,
} from "#usecases/access/identity.ts";
import { fromTokenText } from "#usecases/access/token-text.ts";

export interface AuthenticateDeps {
  readonly findToken: FindToken;
  readonly touchToken: TouchToken;
  readonly findPerson: FindPerson;
  readonly secrets: Pick<Secrets, "hash" | "equal">;
  readonly now: CredentialClock;
}

/** Use is written down at most once in this time, so that reading does not become writing. */
export const touchInterval = Temporal.Duration.from({ minutes: 1 });

/**
 * A credential speaks for a person while it is neither revoked nor expired, a session's token is not either, and the
 * configuration in force still knows the person with that account. Nothing is remembered between calls: whoever loses
 * one of these is out at the next call.
 */
export function authenticate(deps: AuthenticateDeps): Authenticate {
  return async (presented) => {
    const parts = fromTokenText(presented.text);
    const stored = parts === null ? null : await deps.findToken(parts.id);
    // The hash is computed for unknown ids too: the time of the answer does not tell which ids exist.
    const matches = deps.secrets.equal(deps.secrets.hash(parts?.secret ?? ""), stored?.secretHash ?? unknownHash);
    if (stored === null || !matches || stored.kind !== presented.kind) return err("unknown");
    const now = deps.now();
    const ended = endOf(stored, now);
    if (ended !== null) return err(ended);
    const root = stored.kind === "session" ? await deps.findToken(stored.label) : stored;
    if (root === null) return err("unknown");
    const rootEnded = endOf(root, now);
    if (rootEnded !== null) return err(rootEnded);
    const person = await deps.findPerson(stored.person);
    if (person === null || !hasAccount(person, stored.account)) return err("no-person");
    await touchIfDue(deps, stored, now);
    const actor = { person: person.name, account: stored.account, method: stored.kind };
    return ok({ actor, person, credential: credentialOf(stored, root) });
  };
}

/** Of the length of a SHA-256 in hexadecimal digits, and the hash of nothing. */
const unknownHash = "0".repeat(64);

function endOf(token: StoredToken, now: Temporal.Instant): AuthenticationFailure | null {
  if (token.revokedAt !== null) return "revoked";
  return isBefore(now, token.expiresAt) ? null : "expired";
}

function hasAccount(person: Person, account: string): boolean {
  return person.accounts.some((known) => known.name === account);
}

function credentialOf(stored: StoredToken, root: StoredToken): Credential {
  return { id: stored.id, kind: stored.kind, expiresAt: stored.expiresAt, grantedUntil: root.expiresAt };
}

async function touchIfDue(deps: AuthenticateDeps, token: StoredToken, now: Temporal.Instant): Promise<void> {
  if (token.lastUsedAt !== null && isBefore(now, token.lastUsedAt.add(touchInterval))) return;
  await deps.touchToken(token.id, now);
}
