import { err, ok } from "#core/result.ts";
import { tell } from "#usecases/release/move.ts";
import type { Operations } from "#usecases/operations.ts";
import type { Transact } from "#usecases/records.ts";

export interface AbortDeploymentDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}

/**
 * Stops a deployment. What has not started is cancelled at once. What runs gets a message: it is read between stages
 * and while watching, traffic goes back to the former version, and only then does the deployment end.
 */
export function makeAbortDeployment(deps: AbortDeploymentDeps): Operations["abortDeployment"] {
  return (input, call) =>
    deps.transact(async (records) => {
      const deployment = await records.deployments.findForUpdate(input.id);
      if (deployment === null) return err("no-such-deployment");
      if (deployment.endedAt !== null) return err("already-ended");
      const at = deps.now();
      const running = deployment.state === "running";
      if (running) await records.deployments.note(deployment.id, { abortRequestedBy: call.actor.person });
      else {
        const outcome = `Cancelled by ${call.actor.person} before it started: ${input.reason}`;
        await tell(records, deployment, { kind: "cancelled" }, { nextCheckAt: null, endedAt: at, outcome });
      }
      await records.audit.append({
        at,
        actor: call.actor,
        action: "deployment.abort",
        object: deployment.id,
        outcome: running ? "requested" : "cancelled",
        reason: input.reason,
        verdict: deployment.verdict,
        requestId: call.requestId,
        before: { state: deployment.state },
        after: { state: running ? "running" : "cancelled" },
      });
      return ok(deployment.id);
    });
}
