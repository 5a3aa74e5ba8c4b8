import type { DeploymentId } from "#core/id.ts";
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
    /** Once per run. */
    readonly insert: (rehearsal: Rehearsal) => Promise<void>;
    /** Newest first; null: of every service. */
    readonly of: (service: string | null, limit: number) => Promise<readonly Rehearsal[]>;
  };
}
