import type { DeploymentId } from "#core/id.ts";
import type { MeasuredTrigger } from "#core/rollout/measured.ts";
import type { CheckIn, ExitCriterion } from "#core/rollout/stabilisation.ts";
import type { Watch, WatchSpan, WatchState } from "#core/rollout/watch.ts";

/** What is kept between two looks besides the state itself. */
export interface WatchMemory extends WatchState {
  /** Second of the target's clock from which the version was live; null before the first answer of the target. */
  readonly liveSecond: number | null;
  /** Newest complete second that the target knew, and when that was seen first. */
  readonly newest: { readonly second: number; readonly at: string } | null;
  /** Part of the error budget that was left when it was seen first. */
  readonly budgetLeft: number | null;
  /** How it ended; null before. */
  readonly exit: WatchExit | null;
  /** Second of a worker's clock from which the version was live; absent before the first look. */
  readonly wallLiveSecond?: number | undefined;
  /** Triggers with a metric, by name; absent before the first look. */
  readonly measured?: Readonly<Record<string, MeasuredTrigger>> | undefined;
}

/** `superseded`: another version went live there · `decided`: a person ended it, red criteria or not. */
export interface WatchExit {
  readonly how: "green" | "unproven" | "decided" | "superseded" | "taken-back" | "window-over";
  readonly at: string;
  readonly by: string | null;
  readonly reason: string | null;
  readonly criteria: readonly ExitCriterion[];
}

/** A version that is watched since it went live. */
export interface LiveWatch extends WatchSpan {
  readonly deployment: DeploymentId;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly digest: string;
  readonly watch: Watch;
  readonly memory: WatchMemory;
  readonly prolonged: number;
  /** null: nothing is watched any more. */
  readonly lookAt: Temporal.Instant | null;
}

export interface ClaimedWatch extends LiveWatch {
  /** Number of this owner. */
  readonly fence: number;
}

export interface WatchNotice {
  readonly deployment: DeploymentId;
  /** The same thing is told to the same recipient once. */
  readonly key: string;
  readonly at: Temporal.Instant;
  /** Person, team or role. */
  readonly recipient: string;
  readonly sentence: string;
}

/** Live versions that are watched, in one transaction. */
export interface WatchRecords {
  readonly watches: {
    /** Ends what is watched of the service there; those that were. */
    readonly supersede: (service: string, environment: string) => Promise<readonly ClaimedWatch[]>;
    readonly arm: (watch: LiveWatch) => Promise<void>;
    /** The one that has been due the longest and that nobody has; null when there is none. */
    readonly claim: (now: Temporal.Instant) => Promise<ClaimedWatch | null>;
    /** False when somebody else has claimed it since: then nothing was stored. */
    readonly save: (watch: ClaimedWatch) => Promise<boolean>;
    readonly find: (deployment: DeploymentId) => Promise<LiveWatch | null>;
    /** Watched now, and looked after by one of the names or told to one of them; the newest first. */
    readonly concerning: (names: readonly string[], limit: number) => Promise<readonly LiveWatch[]>;
    /** Locks the row, and takes it from whoever has claimed it. */
    readonly take: (deployment: DeploymentId) => Promise<ClaimedWatch | null>;
    /** For verdicts on whoever waits for it to be stable: it is not before that instant. */
    readonly stabilises: (end: {
      readonly deployment: DeploymentId;
      readonly service: string;
      readonly environment: string;
      readonly at: Temporal.Instant;
      readonly until: Temporal.Instant;
    }) => Promise<void>;
    readonly checkIn: (deployment: DeploymentId, given: CheckIn) => Promise<void>;
    readonly checkIns: (deployment: DeploymentId) => Promise<readonly CheckIn[]>;
    readonly tell: (notice: WatchNotice) => Promise<boolean>;
    readonly told: (deployment: DeploymentId) => Promise<readonly WatchNotice[]>;
  };
}
