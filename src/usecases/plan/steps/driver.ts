import type { StepAction } from "#core/plan/action.ts";
import type { Part, PlanStep } from "#core/plan/plan.ts";
import type { DeploymentId } from "#core/id.ts";
import type { AdmitDeps } from "#usecases/release/admit.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records } from "#usecases/records.ts";
import type { TellRun } from "#usecases/rollout/decide-held.ts";
import type { PlanRun, RunStep, StepEnd, StepKept, StepKey } from "#usecases/plan/plan-records.ts";

/** Enqueues the durable call of a step in the caller's transaction: to another system, or to a target, to act or to look. */
export type StartCall = (records: Records, step: StepKey, to?: "calls" | "acts" | "looks") => Promise<void>;

export interface PlanDeps extends AdmitDeps {
  readonly tellRun: TellRun;
  readonly startCall: StartCall;
}

/** What a step sees of the world: one transaction, one instant. */
export interface StepContext<Action extends StepAction = StepAction> {
  readonly deps: PlanDeps;
  readonly records: Records;
  readonly run: PlanRun;
  readonly part: Part;
  readonly step: PlanStep;
  readonly action: Action;
  /** Equal for every repetition, different for every other step: the idempotency key at whatever it touches. */
  readonly key: string;
  readonly at: Temporal.Instant;
  readonly deadline: Temporal.Instant;
}

/** Under way, and looked at again at an instant; or over. */
export type Standing =
  | ({
      readonly state: "running";
      readonly lookAt: Temporal.Instant;
      readonly deployment?: DeploymentId;
    } & StepKept)
  | StepEnd;

/**
 * What a kind of step does, of the one shape that all have. Each function may be called again after a crash with the
 * same key, inside a transaction that then did not commit.
 */
export interface StepDriver<Action extends StepAction> {
  readonly begin: (context: StepContext<Action>) => Promise<Standing>;
  /** Called when it is due, and when what it waits for has ended. */
  readonly look: (context: StepContext<Action>, step: RunStep) => Promise<Standing>;
  /** The run turns back: ends what can end without harm, or stays under way until it has. */
  readonly cancel: (context: StepContext<Action>, step: RunStep) => Promise<Standing>;
}

/** A step acts for whoever started the run, and asks once per key. */
export function callOf({ run, key }: StepContext): Call {
  const actor = { person: run.startedBy, account: run.account, method: "token" } as const;
  return { actor, requestId: key, key };
}
