import type { ServicePlace } from "#core/catalog/place.ts";
import type { DeploymentId } from "#core/id.ts";
import type { GateResult, GateToken } from "#core/release/gate.ts";
import type { LiveVersion } from "#core/release/violation.ts";

/** Where the answer to a parked gate is sent. */
export type GateCallback =
  | { readonly kind: "webhook"; readonly endpoint: string; readonly url: string }
  /** A deployment protection rule: approved or rejected at the address that its event named. */
  | {
      readonly kind: "github";
      readonly url: string;
      readonly environment: string;
      readonly installation: number;
    };

/** What a gate keeps beside its deployment. */
export interface GateRecord {
  readonly id: string;
  readonly deployment: DeploymentId;
  /** Account that asked. */
  readonly account: string;
  readonly externalRun: string | null;
  readonly externalUrl: string | null;
  readonly whenDenied: "end" | "park";
  readonly callback: GateCallback | null;
  readonly token: GateToken & { readonly binding: string | null; readonly issuedAt: Temporal.Instant | null };
  readonly lease: { readonly id: string; readonly hash: string; readonly expiresAt: Temporal.Instant } | null;
  readonly result: GateResult | null;
}

export interface GateRecords {
  readonly insert: (gate: GateRecord) => Promise<void>;
  readonly find: (id: string) => Promise<GateRecord | null>;
  /** Locks the row for this transaction. */
  readonly findForUpdate: (id: string) => Promise<GateRecord | null>;
  /** The gates that this account has asked for in the run, newest first; of one place or of all. */
  readonly inRun: (
    account: string,
    run: string,
    target: { readonly service: string | null; readonly environment: string | null },
  ) => Promise<readonly GateRecord[]>;
  /** Sends what is told from now on there. */
  readonly callTo: (id: string, callback: GateCallback) => Promise<void>;
  /** Writes once more to its callback that it is allowed. */
  readonly tellAgain: (id: string) => Promise<void>;
  readonly findByLease: (lease: string) => Promise<GateRecord | null>;
  /** Takes the place of every token before; false when one has been used. */
  readonly issueToken: (
    id: string,
    token: {
      readonly hash: string;
      readonly binding: string;
      readonly at: Temporal.Instant;
      readonly expiresAt: Temporal.Instant;
    },
  ) => Promise<boolean>;
  readonly voidToken: (id: string, reason: string) => Promise<void>;
  /** Uses the token: false when somebody else has, so that it counts once. */
  readonly useToken: (
    id: string,
    at: Temporal.Instant,
    lease: { readonly id: string; readonly hash: string; readonly expiresAt: Temporal.Instant },
  ) => Promise<boolean>;
  readonly noteResult: (id: string, result: GateResult) => Promise<void>;
  /** Gates that have started and whose lease has ended, locked, oldest first. */
  readonly lapsed: (now: Temporal.Instant, limit: number) => Promise<readonly GateRecord[]>;
  /** Parked gates that ask not to wait for a denial and whose verdict in force is one, locked, oldest first. */
  readonly denied: (limit: number) => Promise<readonly GateRecord[]>;
  /** Allowed gates of which nobody has taken a token since the instant, locked, oldest first. */
  readonly unclaimed: (since: Temporal.Instant, limit: number) => Promise<readonly GateRecord[]>;
  /**
   * Waits until everybody who is declaring a freeze, a hold or a stop has committed, and keeps others from it until
   * this transaction ends. Has to come before anything is read.
   */
  readonly holdFacts: () => Promise<void>;
  /** The latest instant at which a configuration, a hold or a stop came into force; null before the first. */
  readonly newestFactAt: () => Promise<Temporal.Instant | null>;
  /** The registered endpoint that the address lies at or below; null if there is none. */
  readonly endpointFor: (url: string) => Promise<string | null>;
}

/** Something is live that nobody has recorded. */
export interface Violation {
  readonly id: string;
  readonly service: string;
  readonly environment: string;
  readonly seen: LiveVersion;
  readonly recorded: LiveVersion;
  readonly firstSeenAt: Temporal.Instant;
  readonly lastSeenAt: Temporal.Instant;
  /** null: it is still so. */
  readonly endedAt: Temporal.Instant | null;
}

export interface ViolationRecords {
  /** Those that are still open at these places: at most one each. */
  readonly openAt: (places: readonly ServicePlace[]) => Promise<readonly Violation[]>;
  readonly insert: (violation: Violation) => Promise<void>;
  readonly seenAgain: (id: string, at: Temporal.Instant) => Promise<void>;
  readonly end: (id: string, at: Temporal.Instant) => Promise<void>;
}

/** Records of gates, in one transaction with all others. */
export interface GateStore {
  readonly gates: GateRecords;
  readonly violations: ViolationRecords;
}
