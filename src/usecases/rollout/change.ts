import type { Deployer, Failure, Target } from "#connectors/port.ts";
import type { Criterion } from "#core/criteria/criterion.ts";
import type { DeploymentId } from "#core/id.ts";
import type { PointOfNoReturn } from "#core/rollback/plan.ts";
import type { Stage } from "#core/rollout/strategy.ts";
import { plainCanary, type RolloutWay } from "#core/rollout/way.ts";
import type { MetricDeps } from "#usecases/criteria/look-at-criterion.ts";
import type { Judge } from "#usecases/policy/ask-verdict.ts";
import type { DigestOf } from "#usecases/release/content.ts";
import type { Sight, StepKind, TimelineEvent, Transact } from "#usecases/records.ts";

/** What a run needs to know, fixed when it starts; survives JSON. */
export interface Change {
  readonly deployment: DeploymentId;
  readonly service: string;
  readonly version: string;
  readonly digest: string;
  readonly environment: string;
  /** Version that was live when the run started; null if there was none. */
  readonly control: string | null;
  /** Number of the environment's lock: every effect shows it to the target. */
  readonly fence: number;
  readonly stages: readonly Stage[];
  /** How the version comes to its users; absent in runs that began before there was a choice. */
  readonly way?: RolloutWay;
  /** Digest of the control, to start it again where it was stopped; null or absent: not known. */
  readonly controlDigest?: string | null;
  /** Services that must answer before anything is touched. */
  readonly dependencies: readonly string[];
  /** Success criteria in force when it began; absent in runs that began before there were any. */
  readonly criteria?: readonly Criterion[];
  /** Checks of the smoke suite that must be among those that pass. */
  readonly checks?: readonly string[];
  /** From where on it does not go back by itself; absent or null: it always does. */
  readonly noReturn?: PointOfNoReturn | null;
  /** How it goes back to what was live before, and what says so; absent: it goes forward. */
  readonly back?: string;
  /** Of the environment. */
  readonly zone?: string;
}

export interface RolloutDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly judge: Judge;
  readonly digestOf: DigestOf;
  readonly deployer: Deployer;
  readonly metrics: MetricDeps;
  /** Puts on record what was seen; who has asked to abort the run, if anybody. */
  readonly keepSight: (sight: Sight) => Promise<string | null>;
  /** Waits without holding anything; bounded by its callers. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

export function wayIn({ way }: Pick<Change, "way">): RolloutWay {
  return way ?? plainCanary;
}

export function targetOf(change: Change): Target {
  return { environment: change.environment, service: change.service };
}

/**
 * A call that may succeed if repeated: thrown so that the engine repeats the step. What will never succeed is a value
 * (a breach is a value, a technical failure is an exception).
 */
export class RepeatableFailure extends Error {
  constructor(failure: Failure) {
    super(failure.message);
    this.name = "RepeatableFailure";
  }
}

/** What a person has to change: the step ends with it. */
export interface Refused {
  readonly done: false;
  readonly code: string;
  readonly sentence: string;
}

export function refusedBy(failure: Failure): Refused {
  if (failure.retry === "later") throw new RepeatableFailure(failure);
  return { done: false, code: failure.code, sentence: failure.message };
}

export interface Line {
  readonly step: StepKind;
  readonly name: string;
  readonly phase: TimelineEvent["phase"];
  readonly sentence: string;
  readonly detail?: unknown;
}

/** Writes a line of the timeline in a transaction of its own; a repeated step writes it once. */
export async function write(
  deps: Pick<RolloutDeps, "transact" | "now">,
  change: Pick<Change, "deployment">,
  line: Line,
): Promise<void> {
  await deps.transact((records) =>
    records.timeline.append({ deployment: change.deployment, at: deps.now(), detail: null, ...line }),
  );
}
