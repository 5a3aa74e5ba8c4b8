import type { PlanAct } from "#usecases/plan/act-records.ts";
import type { Barred } from "#core/plan/consent.ts";
import type { Brought, RunContent } from "#usecases/plan/run-content.ts";
import type { Person } from "#core/catalog/people.ts";
import type { Resource } from "#core/plan/resource-queue.ts";
import type { Runbook } from "#core/plan/runbook.ts";
import type { Result } from "#core/result.ts";
import type { RunCriterion } from "#usecases/criteria/criteria-records.ts";
import type { Call } from "#usecases/operations.ts";
import type { OnCall } from "#core/calendar/cover/on-call.ts";
import type { KeptDecision, KeptFile } from "#usecases/plan/step-records.ts";
import type { Span } from "#core/span.ts";
import type {
  AskingStep,
  FormAnswer,
  OpenPlace,
  PlanRun,
  RunEntry,
  RunStep,
  StepKey,
} from "#usecases/plan/plan-records.ts";

/** A run as it stands. */
export interface RunView {
  readonly run: PlanRun;
  /** Those that have begun, in that order. */
  readonly steps: readonly RunStep[];
  /** Where its queued steps stand, by `part/name`. */
  readonly queues: ReadonlyMap<string, readonly QueuePlace[]>;
  /** What its steps do at targets. */
  readonly acts: readonly PlanAct[];
  /** What people did to it and what became of it. */
  readonly log: readonly RunEntry[];
  /** Version of the runbook in force; null: there is no such runbook any more. */
  readonly newest: string | null;
  /** What it carries out. */
  readonly of: "runbook" | "wave-plan";
  /** Who may be its overseer, and is not its owner; empty where nobody is missing. */
  readonly overseers: readonly string[];
  readonly kept: RunKept;
}

/** What its steps keep beside their state. */
export interface RunKept {
  readonly decisions: readonly KeptDecision[];
  /** Whose consent never counts, and what the run brings; null: no step asks for consent now. */
  readonly consent: {
    readonly barred: Barred;
    readonly brings: readonly Brought[];
    /** By the name of the step: whose consent to its content counts. */
    readonly approvedBy: ReadonlyMap<string, readonly string[]>;
  } | null;
  readonly files: readonly KeptFile[];
  /** Of the teams that its steps name, while it is under way. */
  readonly onCall: readonly OnCall[];
}

/** A run as lists show it. */
export interface RunLine {
  readonly run: PlanRun;
  /** Those that have begun, in that order. */
  readonly steps: readonly RunStep[];
}

export interface RunFilter {
  /** `late`: under way and late. */
  readonly show: "running" | "late" | "all";
  readonly state: PlanRun["state"] | null;
  readonly runbook: string | null;
  /** One that its steps deploy. */
  readonly service: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

/** A shared resource with everybody who uses it or waits for it. */
export interface ResourceQueue {
  readonly resource: Resource;
  readonly holders: readonly OpenPlace[];
  /** In the order in which they are served, each with the instants between which it may begin. */
  readonly waiting: readonly (OpenPlace & { readonly expected: Span | null })[];
}

/** A step that asks one person. */
export interface TaskStep extends AskingStep {
  /** Of a step that asks for consent: what it is to; null: it asks for an answer. */
  readonly consent: (RunContent & { readonly approvedBy: readonly string[] }) | null;
}

/** What waits for one person. */
export interface Tasks {
  /** Those that this person may answer, the nearest deadline first. */
  readonly steps: readonly TaskStep[];
  /** Runs that miss an overseer whom they could be. */
  readonly unseen: readonly PlanRun[];
}

/** A version of a runbook as a document. */
export interface RunbookVersion {
  readonly version: string;
  readonly from: Temporal.Instant;
  /** null: the last. */
  readonly to: Temporal.Instant | null;
  readonly appliedBy: string;
  /** `path:line` where it was written. */
  readonly place: string;
}

export interface RunbookPage {
  /** The version asked for; null: the stored document cannot be read. */
  readonly runbook: Runbook | null;
  readonly shown: RunbookVersion;
  /** The document as YAML. */
  readonly text: string;
  /** Newest first. */
  readonly versions: readonly RunbookVersion[];
  readonly usualSeconds: number | null;
}

/** A place in the queue of one resource. */
export interface QueuePlace {
  readonly resource: string;
  readonly capacity: number;
  /** 1 is the next. */
  readonly position: number;
  /** Who uses it now, and by when each of them will be over at the latest. */
  readonly holders: readonly (StepKey & { readonly until: Temporal.Instant | null })[];
  /** When it may begin, by what steps of these names took before; null: nobody knows. */
  readonly expected: Span | null;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Runbooks and their runs, bound in `main`: what the API calls. */
export interface PlanOperations {
  readonly listRunbooks: () => Promise<readonly Runbook[]>;
  readonly startRun: (
    input: {
      readonly runbook: string;
      readonly reason: string;
      readonly owner: string | null;
      /** First in every queue, for those who may open an emergency. */
      readonly urgent: boolean;
    },
    call: Call,
  ) => Promise<Result<RunView, StartRefusal>>;
  readonly showRun: (id: string) => Promise<RunView | null>;
  /** What its steps with criteria have seen; null: there is no such run. */
  readonly criteriaOf: (id: string) => Promise<readonly RunCriterion[] | null>;
  readonly listRuns: (asked: RunFilter) => Promise<Listed<RunLine>>;
  /** `version`: null for the one in force, or the last that was. */
  readonly showRunbook: (
    name: string,
    version: string | null,
  ) => Promise<Result<RunbookPage, "no-such-runbook" | "no-such-version">>;
  readonly listResources: () => Promise<readonly ResourceQueue[]>;
  readonly listTasks: (person: Person) => Promise<Tasks>;
  readonly answerTask: (input: TaskAnswer, call: Call) => Promise<Result<RunView, TaskRefusal>>;
  readonly turnRun: (
    input: { readonly id: string; readonly reason: string },
    call: Call,
  ) => Promise<Result<RunView, "no-such-run" | "already-ended" | "already-turned">>;
  readonly handOverRun: (
    input: { readonly id: string; readonly to: string; readonly reason: string },
    call: Call,
  ) => Promise<Result<RunView, "no-such-run" | "already-ended" | "no-such-person" | "oversees-it" | "has-approved">>;
  readonly overseeRun: (
    input: { readonly id: string; readonly present: boolean; readonly reason: string },
    call: Call,
  ) => Promise<Result<RunView, OverseeRefusal>>;
  readonly noteOnRun: (
    input: { readonly id: string; readonly kind: "issue" | "decision"; readonly text: string },
    call: Call,
  ) => Promise<Result<RunView, "no-such-run" | "too-many-notes">>;
}

export type OverseeRefusal =
  | { readonly code: "no-such-run" | "already-ended" | "nobody-asked" | "owns-it" | "not-present" }
  | { readonly code: "not-asked"; readonly who: string };

/** A file as it comes with an answer. */
export interface GivenFile {
  readonly name: string;
  /** Strict base64. */
  readonly content: string;
}

export type StartRefusal =
  | "no-such-runbook"
  | "no-such-person"
  | "too-many-runs"
  | "may-not-hurry"
  /** What comes behind the step needs more time than any opening has. */
  | {
      readonly code: "window-too-short";
      readonly step: string;
      readonly needsSeconds: number;
      readonly longestSeconds: number;
    };

export interface TaskAnswer {
  readonly id: string;
  readonly part: "forward" | "undo" | "rollback";
  readonly step: string;
  readonly outcome: "done" | "failed";
  readonly note: string;
  readonly form: FormAnswer;
  readonly attachments?: readonly GivenFile[];
  /** Text of a signature of exactly this answer. */
  readonly signature?: string | null;
}

export type TaskRefusal =
  | { readonly code: "no-such-run" | "no-such-task" | "already-answered" | "own-consent" | "not-signed" }
  | { readonly code: "not-asked"; readonly who: string }
  | { readonly code: "bad-answer"; readonly problems: readonly string[] };
