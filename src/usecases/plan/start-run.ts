import { can } from "#core/access/can.ts";
import { alertAt } from "#core/plan/overrun.ts";
import { servicesOf } from "#core/plan/oversight.ts";
import type { Runbook } from "#core/plan/runbook.ts";
import { latestRollbackStart } from "#core/plan/timing.ts";
import { err, ok, type Result } from "#core/result.ts";
import { advanceRun } from "#usecases/plan/advance-run.ts";
import type { Call } from "#usecases/operations.ts";
import type { PlanOperations, RunView } from "#usecases/plan/plan-operations.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import { shortWindowIn, type ShortWindow } from "#usecases/plan/steps/wait-for-window.ts";
import { viewOf } from "#usecases/plan/show-run.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import { requestKeyOf } from "#usecases/release/admit.ts";
import type { Records, Transact } from "#usecases/records.ts";

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
      const repeated = await repeatedIn(deps, records, call);
      if (repeated !== null) return ok(repeated);
      const { runbooks, people } = await records.catalog.inForce();
      const found = runbooks.get(runbook);
      if (found === undefined) return err("no-such-runbook");
      const starter = people.get(call.actor.person);
      if (urgent && (starter === undefined || !can({ person: starter }, "emergency.open").allowed))
        return err("may-not-hurry");
      const short = await tooShortIn(deps, records, found, call);
      if (short !== null) return err({ code: "window-too-short", ...short });
      return await startIn(deps, records, found, { reason, owner, urgent }, call);
    });
}

/** Asked of a run as it would begin now; it is not kept. */
async function tooShortIn(
  deps: StartRunDeps,
  records: Records,
  runbook: Runbook,
  { actor: { person, account } }: Call,
): Promise<ShortWindow | null> {
  const given = { reason: "", owner: person, startedBy: person, account, requestKey: null, usualSeconds: null };
  const asked = newRun(deps, runbook, { ...given, priority: usualPriority });
  return await shortWindowIn(deps, records, asked, asked.startedAt);
}

/** The run that this very request has begun before; null: none. */
export async function repeatedIn(deps: StartRunDeps, records: Records, call: Call): Promise<RunView | null> {
  const requestKey = requestKeyOf(call);
  const repeated = requestKey === null ? null : await records.runs.findByRequest(requestKey);
  return repeated === null ? null : await viewOf(records, repeated, deps.now());
}

/** Of whatever plan, in the caller's transaction; the caller has looked for a repeated request. */
export async function startIn(
  deps: StartRunDeps,
  records: Records,
  runbook: Runbook,
  given: { readonly reason: string; readonly owner: string | null; readonly urgent: boolean },
  call: Call,
): Promise<Result<RunView, "no-such-person" | "too-many-runs">> {
  const { reason, owner, urgent } = given;
  const { people } = await records.catalog.inForce();
  const { person, account } = call.actor;
  if (owner !== null && !people.has(owner)) return err("no-such-person");
  if ((await records.runs.count()) >= maxRuns) return err("too-many-runs");
  const run = newRun(deps, runbook, {
    usualSeconds: await records.runs.usual(runbook.name),
    reason,
    owner: owner ?? person,
    startedBy: person,
    account,
    requestKey: requestKeyOf(call),
    priority: urgent ? urgentPriority : usualPriority,
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
    after: { runbook: runbook.name, version: run.version, owner: run.owner, deadline: run.deadline.toString() },
  });
  await advanceRun(deps, records, run);
  return ok(await viewOf(records, run, deps.now()));
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
