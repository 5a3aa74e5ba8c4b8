import type { RunEnd, StepState } from "#core/plan/advance.ts";
import type { StepNotes, Watch } from "#core/plan/notes.ts";
import type { Claim, Expectation, ResourceUse } from "#core/plan/resource-queue.ts";
import type { Oversight } from "#core/plan/oversight.ts";
import type { Part, Plan } from "#core/plan/plan.ts";
import type { DeploymentId } from "#core/id.ts";
import type { ActRecords } from "#usecases/plan/act-records.ts";

/** What a person gave as an answer, by the names of the form. */
export type FormAnswer = Readonly<Record<string, string | number | boolean>>;

/** One execution of a plan, pinned to the plan with which it began. */
export interface PlanRun {
  readonly id: string;
  readonly runbook: string;
  /** Digest of the document at the begin. */
  readonly version: string;
  readonly plan: Plan;
  readonly reason: string;
  /** Person who answers for it now. */
  readonly owner: string;
  /** Person whose rights its steps use, and the account that was used. */
  readonly startedBy: string;
  readonly account: string;
  readonly state: "running" | RunEnd;
  readonly startedAt: Temporal.Instant;
  /** The way back begins by itself then, so that it is over at the deadline. */
  readonly turnAt: Temporal.Instant;
  readonly deadline: Temporal.Instant;
  /** Who turned it back, and why; null: nobody, or a step that failed. */
  readonly turned: { readonly by: string; readonly at: Temporal.Instant; readonly reason: string } | null;
  readonly endedAt: Temporal.Instant | null;
  /** How it ended, for a person. */
  readonly outcome: string | null;
  readonly requestKey: string | null;
  /** In queues for what is shared: the lowest goes first. */
  readonly priority: number;
  /** Services that its steps deploy. */
  readonly services: readonly string[];
  /** null: it is not of high risk. */
  readonly oversight: Oversight | null;
  /** What nine of ten of its runs before took at most when it began; null: too few. */
  readonly usualSeconds: number | null;
  /** Under way at this instant it is late; null: begun by a version that does not look. */
  readonly alertAt: Temporal.Instant | null;
  /** Since when it is late, and why; null: it is not. */
  readonly overrun: Overrun | null;
}

export interface Overrun {
  readonly at: Temporal.Instant;
  /** For a person. */
  readonly because: string;
}

/** A step that has begun. */
export interface RunStep {
  readonly run: string;
  readonly part: Part;
  readonly name: string;
  readonly state: StepState;
  readonly begunAt: Temporal.Instant;
  /** Its time-out. */
  readonly deadline: Temporal.Instant;
  /** Looked at again at or after this instant; null: it has ended. */
  readonly lookAt: Temporal.Instant | null;
  readonly deployment: DeploymentId | null;
  readonly endedAt: Temporal.Instant | null;
  readonly outcome: string | null;
  readonly answer: { readonly by: string; readonly form: FormAnswer } | null;
  readonly notes: StepNotes | null;
  /** What makes it due when a fact about it changes; null: nothing. */
  readonly watches: Watch | null;
}

/** What a step keeps; absent or null: as it is. */
export interface StepKept {
  readonly notes?: StepNotes | null;
  readonly watches?: Watch | null;
}

/** A line of the audit record about a run or one of its steps. */
export interface RunEntry {
  readonly at: Temporal.Instant;
  readonly person: string;
  readonly action: string;
  /** The run, or `run/part/step`. */
  readonly object: string;
  readonly outcome: string;
  readonly reason: string | null;
  /** What is on record of the state after it, where that is short. */
  readonly after: unknown;
}

/** A step that asks somebody, with its run. */
export interface AskingStep {
  readonly run: PlanRun;
  readonly step: StepKey & Pick<RunStep, "begunAt" | "deadline" | "notes">;
}

/** How a step ended. */
export interface StepEnd {
  readonly state: Exclude<StepState, "queued" | "running">;
  /** One sentence for a person. */
  readonly outcome: string;
  readonly answer?: { readonly by: string; readonly form: FormAnswer };
  readonly notes?: StepNotes;
}

/** Runs of plans, in one transaction. */
export interface PlanRecords {
  readonly runs: {
    readonly insert: (run: PlanRun) => Promise<void>;
    readonly findByRequest: (key: string) => Promise<PlanRun | null>;
    readonly find: (id: string) => Promise<PlanRun | null>;
    /** Locks it for this transaction: one mover at a time. */
    readonly findForUpdate: (id: string) => Promise<PlanRun | null>;
    readonly count: () => Promise<number>;
    readonly turn: (id: string, turned: NonNullable<PlanRun["turned"]>) => Promise<void>;
    readonly handOver: (id: string, owner: string) => Promise<void>;
    readonly oversee: (id: string, oversight: Oversight) => Promise<void>;
    readonly overrun: (id: string, overrun: Overrun) => Promise<void>;
    /** What nine of ten of the latest runs of a runbook that succeeded took at most, in seconds; null: there are too few. */
    readonly usual: (runbook: string) => Promise<number | null>;
    /** The same for its steps, by `part/name`. */
    readonly usualSteps: (runbook: string) => Promise<ReadonlyMap<string, number>>;
    /** What people did to it and what became of it, by the audit record; in that order. */
    readonly log: (run: PlanRun) => Promise<readonly RunEntry[]>;
    readonly countNotes: (id: string) => Promise<number>;
    /** Steps under way that ask one of these, those with the nearest deadline first. */
    readonly asking: (names: readonly string[], limit: number) => Promise<readonly AskingStep[]>;
    /** Runs under way that miss an overseer whom one of these names is, the oldest first. */
    readonly unseen: (names: readonly string[], limit: number) => Promise<readonly PlanRun[]>;
    /** Everybody who uses something shared or waits for it, the holders first, then as they are served. */
    readonly places: (limit: number) => Promise<readonly OpenPlace[]>;
    readonly end: (
      id: string,
      end: { readonly state: RunEnd; readonly at: Temporal.Instant; readonly outcome: string },
    ) => Promise<void>;
    /** Not looked at before. */
    readonly pause: (id: string, until: Temporal.Instant) => Promise<void>;
    /** Those with a step to look at, or that have to turn back, the longest due first. */
    readonly due: (now: Temporal.Instant, limit: number) => Promise<readonly string[]>;
    /** In the order in which they began. */
    readonly steps: (id: string) => Promise<readonly RunStep[]>;
    readonly beginStep: (step: BegunStep) => Promise<void>;
    /** A step in the queue begins its work. */
    readonly resumeStep: (step: Omit<BegunStep, "state">) => Promise<void>;
    /** A step in the queue is looked at at once; one that works already is not touched. */
    readonly wakeQueued: (step: StepKey, at: Temporal.Instant) => Promise<void>;
    readonly lookAgain: (step: StepKey, at: Temporal.Instant, kept?: StepKept) => Promise<void>;
    readonly endStep: (step: StepKey, at: Temporal.Instant, end: StepEnd) => Promise<void>;
    /** The secret of the registered address at or above this one; null: nobody registered it. */
    readonly secretFor: (url: string) => Promise<string | null>;
    readonly batch: (ids: readonly string[]) => Promise<RunBatch>;
  };
  readonly claims: ClaimRecords;
  readonly acts: ActRecords;
}

/** Runs that are locked, read, changed and written together. */
export interface RunBatch {
  /** Those that nobody else has in hand. */
  readonly found: readonly PlanRun[];
  readonly runs: PlanRecords["runs"];
  /** Writes what has changed; to be called once, last. */
  readonly flush: () => Promise<void>;
}

export type BegunStep = Pick<RunStep, "run" | "part" | "name" | "begunAt" | "deadline" | "deployment"> &
  StepKept & {
    readonly state: "queued" | "running";
    readonly lookAt: Temporal.Instant;
  };

/** A step that uses resources, or waits for them. */
export interface StepClaim extends Claim {
  readonly step: StepKey;
}

/** A claim with what is needed to say whose it is and until when. */
export interface OpenPlace extends StepClaim {
  readonly runbook: string;
  /** Of the run. */
  readonly owner: string;
  readonly askedAt: Temporal.Instant;
  /** null: it waits. */
  readonly heldAt: Temporal.Instant | null;
  readonly begunAt: Temporal.Instant;
  readonly deadline: Temporal.Instant;
}

/** What is shared, and who uses it or waits for it. */
export interface ClaimRecords {
  readonly insert: (
    step: StepKey,
    uses: readonly ResourceUse[],
    priority: number,
    at: Temporal.Instant,
  ) => Promise<void>;
  /** Lets the queues of these stand still until the transaction ends. */
  readonly lock: (resources: readonly string[]) => Promise<void>;
  /** Every step that uses or waits for one of these, with all that it uses; in the order of arrival. */
  readonly open: (resources: readonly string[]) => Promise<readonly StepClaim[]>;
  readonly hold: (step: StepKey, at: Temporal.Instant) => Promise<void>;
  readonly release: (step: StepKey, at: Temporal.Instant) => Promise<void>;
  readonly isHeld: (step: StepKey) => Promise<boolean>;
  /** What the step uses or waits for. */
  readonly resourcesOf: (step: StepKey) => Promise<readonly string[]>;
  /** The fencing numbers under which it holds what it uses, by resource. */
  readonly fences: (step: StepKey) => Promise<ReadonlyMap<string, number>>;
  /** The lowest number under which anybody holds each of these now: whoever comes with less holds nothing any more. */
  readonly floors: (resources: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** What a step of this name usually takes, in seconds; null: too little is known. */
  readonly usual: (step: StepKey) => Promise<Expectation | null>;
}

export interface StepKey {
  readonly run: string;
  readonly part: Part;
  readonly name: string;
}
