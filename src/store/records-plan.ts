import { secretFor } from "./callback.ts";
import {
  claimedResources,
  fencesOf,
  holdClaims,
  holdsClaims,
  insertClaims,
  lockResources,
  openClaims,
  releaseClaims,
  usualSeconds,
  type StoredClaim,
} from "./plan-claim.ts";
import {
  beginStep,
  countRuns,
  dueRuns,
  endRun,
  endStep,
  findRequestedRun,
  findRun,
  findRunForUpdate,
  handOverRun,
  insertRun,
  lookAgainAtStep,
  resumeStep,
  wakeQueuedStep,
  pauseRun,
  stepsOfRun,
  turnRun,
  type StoredRun,
  type StoredStep,
  type StoredStepId,
} from "./plan-run.ts";
import type { Queryable } from "./sql.ts";

/** Runs of plans, in the transaction of `client`. */
export interface PlanRecords {
  readonly runs: {
    readonly insert: (run: StoredRun) => Promise<void>;
    readonly findByRequest: (key: string) => Promise<StoredRun | null>;
    readonly find: (id: string) => Promise<StoredRun | null>;
    readonly findForUpdate: (id: string) => Promise<StoredRun | null>;
    readonly count: () => Promise<number>;
    readonly turn: (id: string, turned: NonNullable<StoredRun["turned"]>) => Promise<void>;
    readonly handOver: (id: string, owner: string) => Promise<void>;
    readonly end: (id: string, end: Parameters<typeof endRun>[2]) => Promise<void>;
    readonly pause: (id: string, until: Temporal.Instant) => Promise<void>;
    readonly due: (now: Temporal.Instant, limit: number) => Promise<readonly string[]>;
    readonly steps: (id: string) => Promise<readonly StoredStep[]>;
    readonly beginStep: (step: Parameters<typeof beginStep>[1]) => Promise<void>;
    readonly resumeStep: (step: Parameters<typeof resumeStep>[1]) => Promise<void>;
    readonly wakeQueued: (step: StoredStepId, at: Temporal.Instant) => Promise<void>;
    readonly lookAgain: (step: StoredStepId, at: Temporal.Instant) => Promise<void>;
    readonly endStep: (step: StoredStepId, at: Temporal.Instant, end: Parameters<typeof endStep>[3]) => Promise<void>;
    readonly secretFor: (url: string) => Promise<string | null>;
  };
  readonly claims: {
    readonly insert: (
      step: StoredStepId,
      uses: StoredClaim["uses"],
      priority: number,
      at: Temporal.Instant,
    ) => Promise<void>;
    readonly lock: (resources: readonly string[]) => Promise<void>;
    readonly open: (resources: readonly string[]) => Promise<readonly StoredClaim[]>;
    readonly hold: (step: StoredStepId, at: Temporal.Instant) => Promise<void>;
    readonly release: (step: StoredStepId, at: Temporal.Instant) => Promise<void>;
    readonly isHeld: (step: StoredStepId) => Promise<boolean>;
    readonly resourcesOf: (step: StoredStepId) => Promise<readonly string[]>;
    readonly fences: (step: StoredStepId) => Promise<ReadonlyMap<string, number>>;
    readonly usual: (step: StoredStepId) => ReturnType<typeof usualSeconds>;
  };
}

export function planRecordsOf(client: Queryable): PlanRecords {
  return {
    runs: {
      insert: (run) => insertRun(client, run),
      findByRequest: (key) => findRequestedRun(client, key),
      find: (id) => findRun(client, id),
      findForUpdate: (id) => findRunForUpdate(client, id),
      count: () => countRuns(client),
      turn: (id, turned) => turnRun(client, id, turned),
      handOver: (id, owner) => handOverRun(client, id, owner),
      end: (id, end) => endRun(client, id, end),
      pause: (id, until) => pauseRun(client, id, until),
      due: (now, limit) => dueRuns(client, now, limit),
      steps: (id) => stepsOfRun(client, id),
      beginStep: (step) => beginStep(client, step),
      resumeStep: (step) => resumeStep(client, step),
      wakeQueued: (step, at) => wakeQueuedStep(client, step, at),
      lookAgain: (step, at) => lookAgainAtStep(client, step, at),
      endStep: (step, at, end) => endStep(client, step, at, end),
      secretFor: (url) => secretFor(client, url),
    },
    claims: {
      insert: (step, uses, priority, at) => insertClaims(client, step, uses, priority, at),
      lock: (resources) => lockResources(client, resources),
      open: (resources) => openClaims(client, resources),
      hold: (step, at) => holdClaims(client, step, at),
      release: (step, at) => releaseClaims(client, step, at),
      isHeld: (step) => holdsClaims(client, step),
      resourcesOf: (step) => claimedResources(client, step),
      fences: (step) => fencesOf(client, step),
      usual: (step) => usualSeconds(client, step),
    },
  };
}
