import type { Log } from "#runtime/log.ts";
import { newId } from "#runtime/ids.ts";
import { makeAdvanceDecisions } from "#usecases/rollback/advance-decisions.ts";
import { makeAskDecision } from "#usecases/rollback/ask-decision.ts";
import { makeRehearse } from "#usecases/rollback/rehearse.ts";
import type { RollbackOperations } from "#usecases/rollback/rollback-operations.ts";
import { makeSayOnDecision } from "#usecases/rollback/say-on-decision.ts";
import { makeShowWayBack } from "#usecases/rollback/show-way-back.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Transact } from "#usecases/records.ts";
import { makeDecideOnSessions } from "#usecases/rollout/decide-on-sessions.ts";
import { makeReleaseLeft, type ReleaseLeftDeps } from "#usecases/rollout/release-left.ts";
import { loop, type Sweep } from "#main/sweep.ts";

/** Shown at once; more is no list for a person. */
const maxShown = 200;

/** The way back: its plan, its rehearsals, and who decides on it. */
export function bindRollback(transact: Transact, deps: PlanDeps): RollbackOperations {
  const { now } = deps;
  return {
    showWayBack: makeShowWayBack({ now, transact }),
    askDecision: makeAskDecision({ now, transact }),
    sayOnDecision: makeSayOnDecision({ now, transact }),
    decideOnSessions: makeDecideOnSessions({ now, transact }),
    listDecisions: () => transact((records) => records.rollbackDecisions.allOpen(maxShown)),
    rehearse: makeRehearse({ ...deps, transact, newRunId: () => newId("run") }),
    listRehearsals: (service) => transact((records) => records.rehearsals.of(service, maxShown)),
  };
}

/** Messages and defaults of decisions come within a second of their time. */
const decideEveryMs = 1000;

export function sweepDecisions(
  deps: PlanDeps,
  transact: Transact,
  log: Log,
  onHint: (call: () => void) => void,
): Sweep {
  const advance = makeAdvanceDecisions({ ...deps, transact });
  return loop(async () => void (await advance()), decideEveryMs, log, onHint);
}

/** Each version that was left running has a time of its own; this is how late a look may be. */
const lookAtLeftEveryMs = 1000;

export function sweepLeft(deps: ReleaseLeftDeps, log: Log, onHint: (call: () => void) => void): Sweep {
  const release = makeReleaseLeft(deps);
  return loop(async () => void (await release()), lookAtLeftEveryMs, log, onHint);
}
