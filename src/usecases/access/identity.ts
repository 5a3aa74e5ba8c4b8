import type { Person } from "#core/catalog/people.ts";
import type { Result } from "#core/result.ts";
import type { Actor, AuditRecords } from "#usecases/records.ts";

/** Who speaks: the person behind an account, and the credential they showed. */
export interface Identity {
  readonly actor: Actor;
  readonly person: Person;
  readonly credential: Credential;
}

export interface Credential {
  readonly id: string;
  readonly kind: "token" | "session";
  /** End of this credential. */
  readonly expiresAt: Temporal.Instant;
  /** End of the token at the root: nothing made from this credential lives longer. For a token its own end. */
  readonly grantedUntil: Temporal.Instant;
}

/** What a caller shows: a bearer token, or the session cookie of a browser. */
export interface Presented {
  readonly kind: "token" | "session";
  readonly text: string;
}

export type AuthenticationFailure = "unknown" | "expired" | "revoked" | "no-person";

/**
 * The one door of identity. Single sign-on later is another function of this type (an ADR says how); the server knows
 * no other way to learn who speaks.
 */
export type Authenticate = (presented: Presented) => Promise<Result<Identity, AuthenticationFailure>>;

/**
 * An API token or a session at rest: the secret half is stored as SHA-256 only. It has 256 random bits, so neither salt
 * nor a slow hash would add anything.
 */
export interface StoredToken {
  readonly id: string;
  readonly kind: "token" | "session";
  readonly person: string;
  readonly account: string;
  readonly secretHash: string;
  /** For a token what its owner calls it; for a session the id of the token that it came from and ends with. */
  readonly label: string;
  /** Credential that made it: it is revoked with that one. Null for what was issued on the host. */
  readonly parent: string | null;
  readonly createdAt: Temporal.Instant;
  readonly expiresAt: Temporal.Instant;
  readonly lastUsedAt: Temporal.Instant | null;
  readonly revokedAt: Temporal.Instant | null;
}

export type InsertToken = (token: StoredToken) => Promise<void>;
export type FindToken = (id: string) => Promise<StoredToken | null>;
export type TouchToken = (id: string, at: Temporal.Instant) => Promise<void>;
/** False when there was nothing to revoke: unknown, another person's, or revoked before. */
export type RevokeToken = (id: string, person: string, at: Temporal.Instant) => Promise<boolean>;
/** The person of that name in the configuration in force. */
export type FindPerson = (name: string) => Promise<Person | null>;

/** One transaction over tokens and the audit record: both commit or none. */
export type AccessTransact = <T>(body: (records: AccessRecords) => Promise<T>) => Promise<T>;
export interface AccessRecords {
  readonly insertToken: InsertToken;
  readonly revokeToken: RevokeToken;
  readonly audit: AuditRecords;
}

/**
 * Time for credentials: the machine's clock. The domain's clock can be shifted in a demonstration, and a credential must
 * neither come back to life nor die by that.
 */
export type CredentialClock = () => Temporal.Instant;

/** Randomness and hashing, bound in `main/compose` to `runtime/secrets`. */
export interface Secrets {
  /** 32 random bytes as 64 hexadecimal digits. */
  readonly make: () => string;
  /** SHA-256 in hexadecimal digits. */
  readonly hash: (secret: string) => string;
  /** Takes the same time wherever the texts differ. */
  readonly equal: (a: string, b: string) => boolean;
  readonly newTokenId: () => string;
}
