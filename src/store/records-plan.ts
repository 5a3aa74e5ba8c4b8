import { secretFor } from "./callback.ts";
import { actRecordsOf, type ActRecords } from "./plan-act.ts";
import { batchOf } from "./plan-batch.ts";
import {
  askingSteps,
  countRunNotes,
  openPlaces,
  runLog,
  unseenRuns,
  usualRunSeconds,
  usualStepSeconds,
} from "./plan-command.ts";
import type { RunRecords } from "./plan-run-records.ts";
import { overrunRun, overseeRun } from "./plan-run-watch.ts";
import {
  claimedResources,
  fencesOf,
  floorsOf,
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
  type StoredStepId,
} from "./plan-run.ts";
import type { Queryable } from "./sql.ts";

/** Runs of plans, in the transaction of `client`. */
export interface PlanRecords {
  readonly runs: RunRecords;
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
    readonly floors: (resources: readonly string[]) => Promise<ReadonlyMap<string, number>>;
    readonly usual: (step: StoredStepId) => ReturnType<typeof usualSeconds>;
  };
  readonly acts: ActRecords;
}

export function planRecordsOf(client: Queryable): PlanRecords {
  const runs: RunRecords = {
    insert: (run) => insertRun(client, run),
    findByRequest: (key) => findRequestedRun(client, key),
    find: (id) => findRun(client, id),
    findForUpdate: (id) => findRunForUpdate(client, id),
    count: () => countRuns(client),
    turn: (id, turned) => turnRun(client, id, turned),
    handOver: (id, owner) => handOverRun(client, id, owner),
    oversee: (id, oversight) => overseeRun(client, id, oversight),
    overrun: (id, overrun) => overrunRun(client, id, overrun),
    usual: (runbook) => usualRunSeconds(client, runbook),
    usualSteps: (runbook) => usualStepSeconds(client, runbook),
    log: (run) => runLog(client, run),
    countNotes: (id) => countRunNotes(client, id),
    asking: (names, limit) => askingSteps(client, names, limit),
    unseen: (names, limit) => unseenRuns(client, names, limit),
    places: (limit) => openPlaces(client, limit),
    end: (id, end) => endRun(client, id, end),
    pause: (id, until) => pauseRun(client, id, until),
    due: (now, limit) => dueRuns(client, now, limit),
    steps: (id) => stepsOfRun(client, id),
    beginStep: (step) => beginStep(client, step),
    resumeStep: (step) => resumeStep(client, step),
    wakeQueued: (step, at) => wakeQueuedStep(client, step, at),
    lookAgain: (step, at, kept) => lookAgainAtStep(client, step, at, kept),
    endStep: (step, at, end) => endStep(client, step, at, end),
    secretFor: (url) => secretFor(client, url),
    batch: (ids) => batchOf(client, runs, ids),
  };
  return {
    runs,
    claims: {
      insert: (step, uses, priority, at) => insertClaims(client, step, uses, priority, at),
      lock: (resources) => lockResources(client, resources),
      open: (resources) => openClaims(client, resources),
      hold: (step, at) => holdClaims(client, step, at),
      release: (step, at) => releaseClaims(client, step, at),
      isHeld: (step) => holdsClaims(client, step),
      resourcesOf: (step) => claimedResources(client, step),
      fences: (step) => fencesOf(client, step),
      floors: (resources) => floorsOf(client, resources),
      usual: (step) => usualSeconds(client, step),
    },
    acts: actRecordsOf(client),
  };
}
