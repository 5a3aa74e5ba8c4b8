import type { Organisation } from "#core/catalog/organisation.ts";
import type { Scope } from "#core/catalog/scope.ts";
import type { Hold, Stop } from "#core/release/hold.ts";
import type { Report, ReportAddress, ReportKind } from "#core/release/report.ts";
import type { ForeignSource } from "#core/release/source.ts";

/** A report as it was received; `report.record.at` is the instant of its source, never after `receivedAt`. */
export interface ReceivedReport {
  readonly id: string;
  readonly report: Report;
  readonly receivedAt: Temporal.Instant;
  /** Person, and the account that was used. */
  readonly by: string;
  readonly account: string;
}

/** How a hold or a stop ended before its time. */
export interface EndedEarly {
  readonly at: Temporal.Instant;
  /** Person. */
  readonly by: string;
  readonly reason: string;
}

export interface HoldState {
  readonly hold: Hold;
  /** null: nobody has lifted it. */
  readonly ended: EndedEarly | null;
}

export interface StopState {
  readonly stop: Stop;
  readonly ended: EndedEarly | null;
}

/** Waiting work that a change may concern: of one of the services, or with the digest; everywhere, or there. */
export interface Concerned {
  /** null: of whatever service. */
  readonly services: readonly string[] | null;
  /** Empty: everywhere. */
  readonly environments: readonly string[];
  /** null: with whatever digest. */
  readonly digest: string | null;
}

/** Reports of these kinds can promise the next one. */
export interface ReporterKey {
  readonly kind: "signal" | "error-budget";
  /** That of its reports. */
  readonly key: string;
}

/** Who reports, and when it was heard last. */
export interface Reporter {
  readonly kind: ReporterKey["kind"];
  readonly service: string;
  readonly environment: string | null;
  readonly source: string;
  readonly outcome: string | null;
  readonly heardAt: Temporal.Instant;
  readonly freshUntil: Temporal.Instant | null;
}

/** What intake needs of the store, in one transaction. */
export interface IntakeRecords {
  /** The configuration in force. */
  readonly catalog: { readonly inForce: () => Promise<Organisation> };
  readonly reports: {
    /** Locks the subject of the report for this transaction: what is newest is decided one after the other. */
    readonly lock: (report: Report) => Promise<void>;
    readonly newest: (kind: ReportKind, address: Pick<ReportAddress, "key">) => Promise<ReceivedReport | null>;
    /** What was stored before with exactly this content and instant. */
    readonly same: (report: Report) => Promise<ReceivedReport | null>;
    /** Other keys of the same subject, counted up to the limit. */
    readonly countKeys: (report: Report, limit: number) => Promise<number>;
    readonly insert: (entry: ReceivedReport) => Promise<void>;
    /** The account that has reported first under this name; null before the first report. */
    readonly speakerOf: (source: string) => Promise<string | null>;
    /** From now on the name belongs to the account, unless somebody else was faster: whose it is. */
    readonly claim: (source: string, account: string, at: Temporal.Instant) => Promise<string>;
    /** Reporters whose promise has ended and whose silence is not on record, locked, the longest silent first. */
    readonly silent: (now: Temporal.Instant, limit: number) => Promise<readonly ReporterKey[]>;
    /** The silence is on record. */
    readonly noteSilent: (reporter: ReporterKey) => Promise<void>;
    /** Makes the waiting work concerned due at once. */
    readonly wake: (concerned: Concerned, now: Temporal.Instant) => Promise<void>;
  };
  readonly holds: {
    readonly insert: (hold: Hold) => Promise<void>;
    /** Locks the row for this transaction. */
    readonly find: (id: string) => Promise<HoldState | null>;
    readonly end: (id: string, ended: EndedEarly) => Promise<void>;
    readonly count: (at: Temporal.Instant) => Promise<number>;
  };
  readonly stops: {
    readonly insert: (stop: Stop) => Promise<void>;
    readonly find: (id: string) => Promise<StopState | null>;
    readonly end: (id: string, ended: EndedEarly) => Promise<void>;
    readonly count: (at: Temporal.Instant) => Promise<number>;
  };
}

export interface Receipt {
  readonly id: string;
  /** False: exactly this report was on record already. */
  readonly recorded: boolean;
  /** False: a newer report of the same key is on record, so this one serves questions about the past only. */
  readonly counts: boolean;
}

export type ReportRefusal =
  | { readonly code: "no-such-service" | "no-such-environment"; readonly name: string }
  | { readonly code: "in-the-future"; readonly now: Temporal.Instant }
  | { readonly code: "too-many-reports"; readonly subject: string }
  | ForeignSource;

export interface PlacedHold {
  readonly scope: Scope;
  readonly reason: string;
  readonly until: Temporal.Instant | null;
  /** Person, team or role that may lift it; null: whoever places it. */
  readonly liftedBy: string | null;
}

export type HoldRefusal = "bad-span" | "nobody-may-lift" | "matches-nothing" | "too-many-holds";

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null at the end. */
  readonly next: string | null;
}

export interface ReportQuery {
  readonly kind: ReportKind;
  readonly service: string | null;
  readonly digest: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface HoldQuery {
  /** Only what is in force at this instant; null: whatever was ever placed. */
  readonly inForceAt: Temporal.Instant | null;
  readonly limit: number;
  readonly cursor: string | null;
}
