import type { DeploymentId } from "#core/id.ts";
import type { LeftVersion } from "#core/rollout/left-version.ts";
import type { DecisionEnd, DecisionStatement, RollbackDecision } from "#core/rollback/decision.ts";

/** What came of trying the way back for a pair of versions (capability J9). */
export interface Rehearsal {
  /** Its run. */
  readonly run: string;
  readonly service: string;
  readonly version: string;
  readonly digest: string;
  /** Version that it went back to. */
  readonly former: string;
  readonly formerDigest: string;
  readonly environment: string;
  readonly at: Temporal.Instant;
  readonly outcome: "pass" | "fail";
  /** The way back, from its begin to the look at the data. */
  readonly seconds: number;
  /** `database.table`. */
  readonly compared: readonly string[];
  readonly differing: readonly string[];
  /** Why it did not come to its end, in sentences; null: it did. */
  readonly reason: string | null;
}

/** A run, or what it left behind, that a person has been asked about and has not answered. */
export interface AskedRun {
  readonly deployment: DeploymentId;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** Person who asked for it. */
  readonly requestedBy: string;
  /** As people were told. */
  readonly sentence: string;
  readonly since: Temporal.Instant;
  /** When it is decided by itself, or asked again; null: nobody has said. */
  readonly until: Temporal.Instant | null;
}

export interface RollbackRecords {
  readonly rollbackDecisions: {
    readonly newId: () => string;
    /** False when one is open for the deployment already: the clock of the first alert runs on. */
    readonly open: (decision: RollbackDecision, dueAt: Temporal.Instant | null) => Promise<boolean>;
    /** Locked for this transaction. */
    readonly openOf: (deployment: DeploymentId) => Promise<RollbackDecision | null>;
    /** Newest first. */
    readonly of: (deployment: DeploymentId) => Promise<readonly RollbackDecision[]>;
    /** Of which something is due; locked, and skipping what another node has. */
    readonly due: (now: Temporal.Instant, limit: number) => Promise<readonly RollbackDecision[]>;
    readonly allOpen: (limit: number) => Promise<readonly RollbackDecision[]>;
    readonly say: (decision: string, statement: DecisionStatement) => Promise<void>;
    readonly sent: (decision: string, keys: readonly string[], dueAt: Temporal.Instant | null) => Promise<void>;
    readonly end: (decision: string, end: DecisionEnd) => Promise<void>;
  };
  readonly rehearsals: {
    readonly newReportId: () => string;
    /** Once per run; false when its result is on record already. */
    readonly insert: (rehearsal: Rehearsal) => Promise<boolean>;
    /** Newest first; null: of every service. */
    readonly of: (service: string | null, limit: number) => Promise<readonly Rehearsal[]>;
  };
  /** Versions without a share that could not be stopped when their successor went live. */
  readonly leftVersions: {
    /** Once for each version of a deployment. */
    readonly insert: (left: LeftVersion) => Promise<void>;
    /** The one that has been due the longest, kept from others until then; null: nothing is due. */
    readonly claim: (now: Temporal.Instant, until: Temporal.Instant) => Promise<LeftVersion | null>;
    /** False when what became of it is on record already. */
    readonly save: (left: LeftVersion) => Promise<boolean>;
    /** What a person wants of it; a look under way does not undo it. False when it is over. */
    readonly decide: (left: LeftVersion) => Promise<boolean>;
    /** In the order in which they were left. */
    readonly of: (deployment: DeploymentId) => Promise<readonly LeftVersion[]>;
  };
  /** What people were asked about runs, and have not decided. */
  readonly runAsks: {
    /** Runs on hold about which no decision by a protocol is open; the one that is decided by itself first comes first. */
    readonly held: (limit: number) => Promise<readonly AskedRun[]>;
    /** Versions left running with sessions, the newest first; one that was to be waited for is asked about again later. */
    readonly sessions: (limit: number) => Promise<readonly AskedRun[]>;
  };
}
