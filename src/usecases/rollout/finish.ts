import { refusedBy, targetOf, write, type Change, type RolloutDeps } from "#usecases/rollout/change.ts";
import type { Done } from "#usecases/rollout/prepare.ts";
import { environmentLock } from "#usecases/rollout/begin-run.ts";
import { systemActor, type DeploymentState, type Records } from "#usecases/records.ts";

/** What the target says now is the truth: the version is ready, has all the traffic, and is the digest asked for. */
export async function verifyLive(deps: RolloutDeps, change: Change): Promise<Done> {
  const seen = await deps.deployer.observe(targetOf(change));
  if (!seen.ok) return refusedBy(seen.error);
  const live = seen.value.versions.find(({ version }) => version === change.version);
  if (live?.state === "ready" && live.percent === 100 && live.digest === change.digest) {
    const sentence = `${change.service}@${change.version} is live at the target with 100 % of the traffic and the digest that was approved.`;
    await write(deps, change, { step: "verify", name: "verify live", phase: "done", sentence, detail: live });
    return { done: true };
  }
  const sentence = `The target shows ${live === undefined ? "no such version" : `${live.state} with ${live.percent} %`} for ${change.service}@${change.version}.`;
  return { done: false, code: "not-verified", sentence };
}

/** Stops the version that has no traffic any more; it stays up when the target refuses, and the record says so. */
export async function stopVersion(deps: RolloutDeps, change: Change, version: string, key: string): Promise<Done> {
  const stopped = await deps.deployer.stopVersion({ ...targetOf(change), version }, { key, fence: change.fence });
  const name = `stop ${version}`;
  if (!stopped.ok) {
    const refused = refusedBy(stopped.error);
    await write(deps, change, {
      step: "stop-version",
      name,
      phase: "failed",
      sentence: `${change.service}@${version} could not be stopped: ${refused.sentence}`,
    });
    return refused;
  }
  await write(deps, change, {
    step: "stop-version",
    name,
    phase: "done",
    sentence: `${change.service}@${version} is stopped.`,
  });
  return { done: true };
}

export interface Ending {
  readonly state: Extract<DeploymentState, "succeeded" | "rolled-back" | "aborted" | "failed" | "needs-human">;
  readonly outcome: string;
}

/**
 * The end of a run in one transaction: terminal state, inventory, lock, audit entry, and the work that waited for the
 * lock or for this version.
 */
export async function recordEnd(
  deps: Pick<RolloutDeps, "now">,
  records: Records,
  change: Change,
  ending: Ending,
): Promise<void> {
  const at = deps.now();
  const { deployment, service, environment, version, digest } = change;
  if (ending.state === "succeeded")
    await records.inventory.record({ service, environment, version, digest, at, deployment });
  await records.deployments.move(deployment, "running", ending.state, { endedAt: at, outcome: ending.outcome });
  await records.locks.release(environmentLock(environment), deployment);
  await records.timeline.append({
    deployment,
    at,
    step: "record",
    name: "record the end",
    phase: ending.state === "succeeded" ? "done" : "failed",
    sentence: ending.outcome,
    detail: { state: ending.state },
  });
  await records.audit.append({
    at,
    actor: systemActor,
    action:
      ending.state === "succeeded"
        ? "deployment.succeed"
        : ending.state === "rolled-back"
          ? "deployment.roll-back"
          : "deployment.end",
    object: deployment,
    outcome: ending.state,
    reason: ending.outcome,
    verdict: null,
    requestId: null,
    before: { state: "running" },
    after: { state: ending.state, service, environment, version },
  });
  await records.deployments.wake(environment, at);
}
