import { err, ok } from "#core/result.ts";
import { tell } from "#usecases/release/move.ts";
import type { Call, Operations } from "#usecases/operations.ts";
import type { DeploymentRecord, Records, Transact } from "#usecases/records.ts";
import type { TellRun } from "#usecases/rollout/decide-held.ts";

export interface AbortDeploymentDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly tellRun: TellRun;
}

/**
 * Stops a deployment. What has not started is cancelled at once. What runs gets a message: it is read between stages
 * and while watching, traffic goes back to the former version, and only then does the deployment end.
 */
export function makeAbortDeployment(deps: AbortDeploymentDeps): Operations["abortDeployment"] {
  return (input, call) => deps.transact((records) => abortIn(deps, records, input, call));
}

/** The same in the caller's transaction. */
export async function abortIn(
  deps: Omit<AbortDeploymentDeps, "transact">,
  records: Records,
  input: Parameters<Operations["abortDeployment"]>[0],
  call: Call,
): Promise<Awaited<ReturnType<Operations["abortDeployment"]>>> {
  const deployment = await records.deployments.findForUpdate(input.id);
  if (deployment === null) return err("no-such-deployment");
  if (deployment.endedAt !== null) return err("already-ended");
  const at = deps.now();
  const running = deployment.state === "running";
  if (running) await tellToGoBack(deps, records, deployment, call);
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
}

/** Read between stages and while watching; a run that waits for a person is woken by the message. */
async function tellToGoBack(
  { tellRun }: Pick<AbortDeploymentDeps, "tellRun">,
  records: Records,
  deployment: DeploymentRecord,
  { actor, requestId }: Call,
): Promise<void> {
  await records.deployments.note(deployment.id, { abortRequestedBy: actor.person, held: null });
  if (deployment.run === null) return;
  const body = { decision: "go-back", person: actor.person } as const;
  await tellRun(records, deployment.run, { topic: "decision", body }, requestId);
  await tellRun(records, deployment.run, { topic: "look", body: null }, `${requestId}:look`);
}
