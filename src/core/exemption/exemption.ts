import type { Scope } from "#core/catalog/scope.ts";

/**
 * A time-boxed deviation from one rule (semantics §1): approved by compliance, bound to compensating controls that can
 * be verified, expiring by itself.
 */
export interface Exemption {
  readonly id: string;
  /** Rule whose findings it lets through. */
  readonly rule: string;
  /** Codes of that rule that it covers; empty: none, since an exemption says what it deviates from. */
  readonly codes: readonly string[];
  /** What the evidence or clause is called where a rule judges several: `load-test`; empty: all. */
  readonly subjects: readonly string[];
  readonly scope: Scope;
  readonly justification: string;
  /** In force in `[from, until)`. */
  readonly from: Temporal.Instant;
  readonly until: Temporal.Instant;
  readonly requestedBy: string;
  /** Persons with the role `compliance`, never the requester. */
  readonly approvedBy: readonly string[];
  readonly controls: readonly ControlState[];
  readonly revokedAt: Temporal.Instant | null;
}

/** A compensating control as it stands for the subject: what is not `in-place` makes the exemption unusable. */
export interface ControlState {
  /** `evidence:KIND`: such evidence exists on the digest. `canary:PT24H`: the run watches so long. */
  readonly control: string;
  readonly state: "in-place" | "missing" | "unknown";
}

/** A recorded passing of one named finding by a named right; only for one content and a few hours. */
export interface Override {
  readonly id: string;
  readonly rule: string;
  readonly code: string;
  readonly contentDigest: string;
  /** Person; never the requester. */
  readonly by: string;
  /** Permission that was used. */
  readonly right: string;
  readonly reason: string;
  readonly at: Temporal.Instant;
  readonly until: Temporal.Instant;
}
