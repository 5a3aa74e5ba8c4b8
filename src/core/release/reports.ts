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

/** That a service is backed up, or what came of restoring a backup; one of the two for each place and source. */
export interface RecoveryReport {
  readonly service: string;
  readonly environment: string;
  readonly act: "backup" | "restore";
  /** `different`: what was restored is not what had been saved. */
  readonly outcome: "done" | "failed" | "different";
  /** From one backup to the next; null: of a restore, or unknown. */
  readonly intervalSeconds: number | null;
  /** When what was saved last, or restored, was true; null: it is not known, or nothing was ever saved. */
  readonly savedAt: Temporal.Instant | null;
  /** As measured; null: of a backup, or not measured. */
  readonly tookSeconds: number | null;
  readonly bytes: number | null;
  /** What was compared, as the source says; null: nothing is said. */
  readonly detail: string | null;
  /** Of the protocol of the restore; null: there is none. */
  readonly digest: string | null;
  readonly source: string;
  /** Account that brought it; absent: it was not kept yet. */
  readonly by?: string | undefined;
  readonly at: Temporal.Instant;
  readonly ref: string | null;
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
  /** Another digest went live there; absent: none has, or nobody has kept it. */
  readonly until?: Temporal.Instant | undefined;
}

/** Other work that needs the same resource at that time. */
export interface ResourceUse {
  readonly resource: string;
  readonly booking: string;
  readonly service: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
}
