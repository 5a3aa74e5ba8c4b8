import type { Scope } from "#core/catalog/scope.ts";

/**
 * A time-boxed deviation from one rule (semantics §1): approved by compliance, bound to compensating controls that can
 * be verified, expiring by itself.
 */
export interface Exemption {
  /** `EX-12`. */
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
  /** What has to be in place while it is used; see `parseControl`. */
  readonly controls: readonly string[];
  readonly revokedAt: Temporal.Instant | null;
}

/**
 * A sort of exemption that the organisation grants at all, as configuration declares it: what it may deviate from, what
 * has to make up for it, for how long, and how often it may be renewed.
 */
export interface ExemptionType {
  readonly name: string;
  readonly rule: string;
  readonly codes: readonly string[];
  /** Exemptions of this type name subjects out of these; empty: any. */
  readonly subjects: readonly string[];
  readonly scope: Scope;
  /** Controls that every exemption of this type carries at least. */
  readonly controls: readonly string[];
  readonly maxDuration: Temporal.Duration;
  /** How often one may follow upon another. */
  readonly renewals: number;
}

/** A compensating control as it stands for the subject: what is not `in-place` makes the exemption unusable. */
export interface ControlState {
  readonly control: string;
  readonly state: "in-place" | "missing" | "unknown";
}

/** A recorded passing of one named finding by a named right; only for one deployment of one content and a few hours. */
export interface Override {
  readonly id: string;
  /** The only deployment that may use it. */
  readonly deployment: string;
  readonly rule: string;
  readonly code: string;
  /**
   * What of the rule stopped when it was given, one by one: what stops later is let through by none. Empty: the rule
   * judges as a whole. Undefined: given before this was kept, for all of its code.
   */
  readonly subjects: readonly string[] | undefined;
  readonly contentDigest: string;
  /** Person; never the requester, nor the author. */
  readonly by: string;
  /** Permission that was used. */
  readonly right: string;
  readonly reason: string;
  readonly at: Temporal.Instant;
  readonly until: Temporal.Instant;
}
