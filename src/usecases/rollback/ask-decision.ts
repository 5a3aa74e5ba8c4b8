import { err, ok } from "#core/result.ts";
import { passedPoint } from "#core/rollback/plan.ts";
import { openDecision } from "#usecases/rollback/open-decision.ts";
import type { RollbackOperations } from "#usecases/rollback/rollback-operations.ts";
import type { Transact } from "#usecases/records.ts";

/** Something is wrong with what is live: whoever decides by the protocol is asked, and the clock begins. */
export function makeAskDecision(deps: {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}): RollbackOperations["askDecision"] {
  return ({ deployment: id, because }, call) =>
    deps.transact(async (records) => {
      const deployment = await records.deployments.findForUpdate(id);
      if (deployment === null) return err("no-such-deployment");
      const { service, environment, version } = deployment.subject;
      const live = await records.inventory.current(service, environment);
      if (deployment.state !== "succeeded" || live?.version !== version) return err("not-live");
      const plan = (await records.catalog.inForce()).rollbacks.get(service)?.plan ?? null;
      const noReturn = passedPoint(plan?.pointOfNoReturn ?? null, deployment.percent);
      const decision = await openDecision(deps, records, { deployment, cause: "alert", because, noReturn });
      if (decision === null) return err("no-protocol");
      await records.audit.append({
        at: deps.now(),
        actor: call.actor,
        action: "rollback.ask",
        object: id,
        outcome: "asked",
        reason: because,
        verdict: null,
        requestId: call.requestId,
        before: null,
        after: { decision: decision.id },
      });
      return ok(id);
    });
}
