/**
 * What others report about artifacts, services and places. A report has a source and an instant; the newest of its key
 * counts, the older ones stay for questions about the past.
 */

/** A result about one digest (semantics §7). */
export interface EvidenceRecord {
  readonly digest: string;
  readonly kind: string;
  readonly outcome: "pass" | "fail" | "not-enough";
  /** The figure that thresholds are compared with; null where the kind has none. */
  readonly value: number | null;
  readonly ruleSet: string | null;
  readonly source: string;
  /** Account that brought it; absent: it was not kept yet. */
  readonly by?: string | undefined;
  readonly at: Temporal.Instant;
  /** Where to read more; an http(s) address or an id. */
  readonly ref: string | null;
}

export interface Verification {
  readonly digest: string;
  readonly outcome: "verified" | "digest-mismatch" | "unsigned" | "untrusted-key" | "revoked-key";
  /** Key or identity that signed; null when unsigned. */
  readonly key: string | null;
  readonly source: string;
  /** Account that brought it; absent: it was not kept yet. */
  readonly by?: string | undefined;
  readonly at: Temporal.Instant;
}

export interface Ticket {
  readonly key: string;
  readonly services: readonly string[];
  readonly environments: readonly string[];
  readonly state: string;
  /** Planned span; null: not bound to one. */
  readonly from: Temporal.Instant | null;
  readonly to: Temporal.Instant | null;
  readonly source: string;
  /** Account that brought it; absent: it was not kept yet. */
  readonly by?: string | undefined;
  readonly at: Temporal.Instant;
}

export interface ErrorBudget {
  readonly service: string;
  readonly environment: string | null;
  /** Part of the budget that is left, 1 to minus infinity: below 0 it is overspent. */
  readonly left: number;
  readonly source: string;
  /** Account that brought it; absent: it was not kept yet. */
  readonly by?: string | undefined;
  readonly at: Temporal.Instant;
  /** Of a report: it holds up to, not at, this instant; absent: nothing was promised. No part of any fact. */
  readonly freshUntil?: Temporal.Instant | undefined;
  /** Of a fact: its source has not reported again by this instant, as it had promised; absent: it has. */
  readonly silentSince?: Temporal.Instant | undefined;
}

export interface RiskScore {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** 0 to 100. */
  readonly score: number;
  readonly source: string;
  /** Account that brought it; absent: it was not kept yet. */
  readonly by?: string | undefined;
  readonly at: Temporal.Instant;
}

/** Risk that other work has already booked, with what it is summed by. */
export interface BookedRisk {
  readonly booking: string;
  readonly environment: string;
  readonly unit: string;
  readonly region: string | null;
  readonly from: Temporal.Instant;
  readonly score: number;
}

/** The digest has been live there; `since` is when its last deployment there ended well. */
export interface PassedStage {
  readonly environment: string;
  readonly digest: string;
  readonly deployment: string;
  readonly since: Temporal.Instant;
}

/** Other work that needs the same resource at that time. */
export interface ResourceUse {
  readonly resource: string;
  readonly booking: string;
  readonly service: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
}
