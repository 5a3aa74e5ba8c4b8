import { hasApproved } from "#core/plan/consent.ts";
import { err, ok } from "#core/result.ts";
import type { Call } from "#usecases/operations.ts";
import { advanceRun } from "#usecases/plan/advance-run.ts";
import type { PlanOperations } from "#usecases/plan/plan-operations.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import { viewOf } from "#usecases/plan/show-run.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface ChangeRunDeps extends PlanDeps {
  readonly transact: Transact;
}

/** Turns a run back: nothing new begins, and what was done is taken back. It cannot be turned forward again. */
export function makeTurnRun(deps: ChangeRunDeps): PlanOperations["turnRun"] {
  return ({ id, reason }, call) =>
    deps.transact(async (records) => {
      const run = await records.runs.findForUpdate(id);
      if (run === null) return err("no-such-run");
      if (run.endedAt !== null) return err("already-ended");
      if (run.turned !== null) return err("already-turned");
      const turned = { by: call.actor.person, at: deps.now(), reason };
      await records.runs.turn(id, turned);
      await changed(deps, records, { run, action: "run.turn", reason, before: null, after: { by: turned.by } }, call);
      await advanceRun(deps, records, { ...run, turned });
      return ok(await viewOf(records, run, deps.now()));
    });
}

/** Somebody else answers for the run from now on (capability I7). */
export function makeHandOverRun(deps: ChangeRunDeps): PlanOperations["handOverRun"] {
  return ({ id, to, reason }, call) =>
    deps.transact(async (records) => {
      const run = await records.runs.findForUpdate(id);
      if (run === null) return err("no-such-run");
      if (run.endedAt !== null) return err("already-ended");
      const { people } = await records.catalog.inForce();
      if (!people.has(to)) return err("no-such-person");
      if (run.oversight?.present?.person === to) return err("oversees-it");
      if (hasApproved(to, await records.decisions.ofRun(id), people)) return err("has-approved");
      await records.runs.handOver(id, to);
      const witness = { before: { owner: run.owner }, after: { owner: to } };
      await changed(deps, records, { run, action: "run.hand-over", reason, ...witness }, call);
      return ok(await viewOf(records, run, deps.now()));
    });
}

interface Change {
  readonly run: PlanRun;
  readonly action: string;
  readonly reason: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Puts on record what somebody did to a run. */
export async function changed(
  deps: Pick<ChangeRunDeps, "now">,
  records: Records,
  { run, action, reason, before, after }: Change,
  call: Call,
): Promise<void> {
  await records.audit.append({
    at: deps.now(),
    actor: call.actor,
    action,
    object: run.id,
    outcome: "done",
    reason,
    verdict: null,
    requestId: call.requestId,
    before,
    after,
  });
}
