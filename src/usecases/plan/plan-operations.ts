import type { Runbook } from "#core/plan/runbook.ts";
import type { Result } from "#core/result.ts";
import type { Call } from "#usecases/operations.ts";
import type { Span } from "#core/span.ts";
import type { FormAnswer, PlanRun, RunStep, StepKey } from "#usecases/plan/plan-records.ts";

/** A run as it stands. */
export interface RunView {
  readonly run: PlanRun;
  /** Those that have begun, in that order. */
  readonly steps: readonly RunStep[];
  /** Where its queued steps stand, by `part/name`. */
  readonly queues: ReadonlyMap<string, readonly QueuePlace[]>;
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
  ) => Promise<Result<RunView, "no-such-runbook" | "no-such-person" | "too-many-runs" | "may-not-hurry">>;
  readonly showRun: (id: string) => Promise<RunView | null>;
  readonly listRuns: (asked: {
    readonly show: "running" | "all";
    readonly limit: number;
    readonly cursor: string | null;
  }) => Promise<Listed<PlanRun>>;
  readonly answerTask: (input: TaskAnswer, call: Call) => Promise<Result<RunView, TaskRefusal>>;
  readonly turnRun: (
    input: { readonly id: string; readonly reason: string },
    call: Call,
  ) => Promise<Result<RunView, "no-such-run" | "already-ended" | "already-turned">>;
  readonly handOverRun: (
    input: { readonly id: string; readonly to: string; readonly reason: string },
    call: Call,
  ) => Promise<Result<RunView, "no-such-run" | "already-ended" | "no-such-person">>;
}

export interface TaskAnswer {
  readonly id: string;
  readonly part: "forward" | "undo" | "rollback";
  readonly step: string;
  readonly outcome: "done" | "failed";
  readonly note: string;
  readonly form: FormAnswer;
}

export type TaskRefusal =
  | { readonly code: "no-such-run" | "no-such-task" | "already-answered" }
  | { readonly code: "not-asked"; readonly who: string }
  | { readonly code: "bad-answer"; readonly problems: readonly string[] };
