import type { JsonValue } from "#core/audit/canonical.ts";

/**
 * One record of the log: who did what to what, when, with which outcome. Its canonical text (RFC 8785) is a leaf of the
 * hash tree; the text is stored and exported as it was hashed, never made again.
 *
 * @public It describes what is in the record for readers outside; nothing here is made from it.
 */
export interface AuditEntry {
  readonly id: string;
  /** Instant as ISO 8601 in UTC. */
  readonly at: string;
  readonly actor: AuditActor;
  /** `noun.verb` in the words of the glossary: `deployment.request`. */
  readonly action: string;
  readonly object: string;
  /** Stable code. */
  readonly outcome: string;
  readonly reason: string | null;
  /** The verdict on which it rests: the policy and rule versions are in that one. */
  readonly verdict: string | null;
  readonly requestId: string | null;
  readonly before: AuditWitness | null;
  readonly after: AuditWitness | null;
}

export interface AuditActor {
  readonly person: string;
  readonly account: string;
  readonly method: "session" | "token" | "system";
}

/** The digest of a value; the value itself while it is small. */
export interface AuditWitness {
  readonly digest: string;
  readonly value?: JsonValue;
}

/** Members that every entry of an export has; others may be added by later versions and are hashed all the same. */
export const entryMembers = ["id", "at", "actor", "action", "object", "outcome"] as const;
