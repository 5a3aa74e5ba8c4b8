import { can } from "#core/access/can.ts";
import { alertAt } from "#core/plan/overrun.ts";
import { servicesOf } from "#core/plan/oversight.ts";
import type { Runbook } from "#core/plan/runbook.ts";
import { latestRollbackStart } from "#core/plan/timing.ts";
import { err, ok } from "#core/result.ts";
import { advanceRun } from "#usecases/plan/advance-run.ts";
import type { PlanOperations } from "#usecases/plan/plan-operations.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import { viewOf } from "#usecases/plan/show-run.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import { requestKeyOf } from "#usecases/release/admit.ts";
import type { Transact } from "#usecases/records.ts";

export interface StartRunDeps extends PlanDeps {
  readonly transact: Transact;
  readonly newRunId: () => string;
}

/** Under way at the same time: waiting ones cost a row each, so this bounds mistakes and not work. */
export const maxRuns = 20_000;

/** In queues the lower goes first. */
export const usualPriority = 100;
const urgentPriority = 10;

/**
 * Begins a run of a runbook as it is written now; a later version changes nothing in it. Its first steps begin in the same
 * transaction.
 */
export function makeStartRun(deps: StartRunDeps): PlanOperations["startRun"] {
  return ({ runbook, reason, owner, urgent }, call) =>
    deps.transact(async (records) => {
      const requestKey = requestKeyOf(call);
      const repeated = requestKey === null ? null : await records.runs.findByRequest(requestKey);
      if (repeated !== null) return ok(await viewOf(records, repeated, deps.now()));
      const { runbooks, people } = await records.catalog.inForce();
      const found = runbooks.get(runbook);
      if (found === undefined) return err("no-such-runbook");
      const { person, account } = call.actor;
      if (owner !== null && !people.has(owner)) return err("no-such-person");
      const starter = people.get(person);
      if (urgent && (starter === undefined || !can({ person: starter }, "emergency.open").allowed))
        return err("may-not-hurry");
      if ((await records.runs.count()) >= maxRuns) return err("too-many-runs");
      const priority = urgent ? urgentPriority : usualPriority;
      const usualSeconds = await records.runs.usual(runbook);
      const run = newRun(deps, found, {
        usualSeconds,
        reason,
        owner: owner ?? person,
        startedBy: person,
        account,
        requestKey,
        priority,
      });
      await records.runs.insert(run);
      await records.audit.append({
        at: run.startedAt,
        actor: call.actor,
        action: "run.start",
        object: run.id,
        outcome: "running",
        reason,
        verdict: null,
        requestId: call.requestId,
        before: null,
        after: { runbook, version: run.version, owner: run.owner, deadline: run.deadline.toString() },
      });
      await advanceRun(deps, records, run);
      return ok(await viewOf(records, run, deps.now()));
    });
}

/** Pinned to the plan as it is written now; nothing has begun. */
function newRun(
  deps: StartRunDeps,
  { name, version, plan, overseer }: Runbook,
  given: Pick<PlanRun, "reason" | "owner" | "startedBy" | "account" | "requestKey" | "priority" | "usualSeconds">,
): PlanRun {
  const at = deps.now();
  const turnAt = latestRollbackStart(plan, at);
  return {
    ...given,
    id: deps.newRunId(),
    runbook: name,
    version,
    plan,
    state: "running",
    startedAt: at,
    turnAt,
    services: servicesOf(plan),
    oversight: overseer === null ? null : { asked: overseer, present: null },
    alertAt: alertAt(at, turnAt, given.usualSeconds),
    overrun: null,
    deadline: at.add({ seconds: plan.withinSeconds }),
    turned: null,
    endedAt: null,
    outcome: null,
  };
}
