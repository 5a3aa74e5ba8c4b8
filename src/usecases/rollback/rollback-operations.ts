import type { DeploymentId } from "#core/id.ts";
import type { DecisionOption, RollbackDecision } from "#core/rollback/decision.ts";
import type { AsyncEdge, RollbackPlan, RollbackTime } from "#core/rollback/plan.ts";
import type { RehearsalPlan } from "#core/rollback/rehearsal.ts";
import type { LeftVersion } from "#core/rollout/left-version.ts";
import type { Result } from "#core/result.ts";
import type { Call } from "#usecases/operations.ts";
import type { Rehearsal } from "#usecases/rollback/rollback-records.ts";

/** The way back of one deployment, and what is being decided about it. */
export interface WayBackView {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** Version that it goes back to; null: none. */
  readonly former: string | null;
  /** How it comes back once it is asked for, and what says so. */
  readonly how: string;
  /** null: nobody has written one. */
  readonly plan: RollbackPlan | null;
  /** Asynchronous edges of which the plan says nothing; without a plan all of them. */
  readonly missing: readonly AsyncEdge[];
  readonly time: RollbackTime | null;
  readonly latestStart: LatestStart | null;
  /** Its plan is to fix forward from here on. */
  readonly isPastNoReturn: boolean;
  readonly rehearsal: Rehearsal | null;
  readonly canRehearse: RehearsalPlan | null;
  /** Newest first. */
  readonly decisions: readonly RollbackDecision[];
  /** Versions without a share that were left running, and what became of them. */
  readonly left: readonly LeftVersion[];
}

/** Begun later it is not over before the opening closes in which the deployment may run. */
export interface LatestStart {
  /** In the past: it does not fit any more. */
  readonly at: Temporal.Instant;
  readonly closesAt: Temporal.Instant;
}

export interface RollbackOperations {
  readonly showWayBack: (deployment: DeploymentId) => Promise<WayBackView | null>;
  readonly askDecision: (
    input: { readonly deployment: DeploymentId; readonly because: string },
    call: Call,
  ) => Promise<Result<DeploymentId, "no-such-deployment" | "no-protocol" | "not-live">>;
  readonly sayOnDecision: (
    input: { readonly deployment: DeploymentId; readonly text: string; readonly option: DecisionOption | null },
    call: Call,
  ) => Promise<Result<DeploymentId, "no-such-deployment" | "no-open-decision" | "not-asked">>;
  /** About the sessions of a version that was left running. */
  readonly decideOnSessions: (
    input: { readonly deployment: DeploymentId; readonly decision: "end" | "wait"; readonly reason: string },
    call: Call,
  ) => Promise<Result<DeploymentId, "no-such-deployment" | "no-sessions-left">>;
  /** The clock that began first comes first. */
  readonly listDecisions: () => Promise<readonly RollbackDecision[]>;
  readonly rehearse: (
    input: { readonly service: string; readonly version: string; readonly reason: string },
    call: Call,
  ) => Promise<Result<string, RehearseRefusal>>;
  readonly listRehearsals: (service: string | null) => Promise<readonly Rehearsal[]>;
}

export type RehearseRefusal =
  | "no-such-service"
  | "no-such-artifact"
  | "no-rehearsal-plan"
  | "nothing-to-roll-back-to"
  | "already-there"
  | "too-many-runs";
