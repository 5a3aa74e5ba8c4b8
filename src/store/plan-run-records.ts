import type { RunEnd } from "#core/plan/advance.ts";
import type { Oversight } from "#core/plan/oversight.ts";
import type { StoredAsking, StoredEntry, StoredPlace } from "./plan-command.ts";
import type { StoredOverrun } from "./plan-run-watch.ts";
import type { StoredBegin, StoredKept, StoredRun, StoredStep, StoredStepEnd, StoredStepId } from "./plan-run.ts";

/** Runs and their steps, in one transaction. */
export interface RunRecords {
  readonly insert: (run: StoredRun) => Promise<void>;
  readonly findByRequest: (key: string) => Promise<StoredRun | null>;
  readonly find: (id: string) => Promise<StoredRun | null>;
  readonly findForUpdate: (id: string) => Promise<StoredRun | null>;
  readonly count: () => Promise<number>;
  readonly turn: (id: string, turned: NonNullable<StoredRun["turned"]>) => Promise<void>;
  readonly handOver: (id: string, owner: string) => Promise<void>;
  readonly oversee: (id: string, oversight: Oversight) => Promise<void>;
  readonly overrun: (id: string, overrun: StoredOverrun) => Promise<void>;
  readonly usual: (runbook: string) => Promise<number | null>;
  readonly usualSteps: (runbook: string) => Promise<ReadonlyMap<string, number>>;
  readonly log: (run: StoredRun) => Promise<readonly StoredEntry[]>;
  readonly countNotes: (id: string) => Promise<number>;
  readonly asking: (names: readonly string[], limit: number) => Promise<readonly StoredAsking[]>;
  readonly unseen: (names: readonly string[], limit: number) => Promise<readonly StoredRun[]>;
  readonly places: (limit: number) => Promise<readonly StoredPlace[]>;
  readonly end: (
    id: string,
    end: { readonly state: RunEnd; readonly at: Temporal.Instant; readonly outcome: string },
  ) => Promise<void>;
  readonly pause: (id: string, until: Temporal.Instant) => Promise<void>;
  readonly due: (now: Temporal.Instant, limit: number) => Promise<readonly string[]>;
  readonly steps: (id: string) => Promise<readonly StoredStep[]>;
  readonly beginStep: (step: StoredBegin) => Promise<void>;
  readonly resumeStep: (step: Omit<StoredBegin, "state">) => Promise<void>;
  readonly wakeQueued: (step: StoredStepId, at: Temporal.Instant) => Promise<void>;
  readonly lookAgain: (step: StoredStepId, at: Temporal.Instant, kept?: StoredKept) => Promise<void>;
  readonly endStep: (step: StoredStepId, at: Temporal.Instant, end: StoredStepEnd) => Promise<void>;
  readonly secretFor: (url: string) => Promise<string | null>;
  readonly batch: (ids: readonly string[]) => Promise<RunBatch>;
}

/**
 * Many runs in one transaction with a handful of statements: they are locked and read together, changed in memory by the
 * same functions as one run alone, and written together. Runs outside of the batch are reached as ever.
 */
export interface RunBatch {
  /** Those that nobody else has in hand. */
  readonly found: readonly StoredRun[];
  readonly runs: RunRecords;
  /** Writes what has changed; to be called once, last. */
  readonly flush: () => Promise<void>;
}
