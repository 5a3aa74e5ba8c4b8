import { refusedBy, targetOf, wayIn, write, type Change, type RolloutDeps } from "#usecases/rollout/change.ts";
import { leftOf } from "#usecases/rollout/left-version.ts";
import { armWatch } from "#usecases/rollout/arm-watch.ts";
import type { Done } from "#usecases/rollout/prepare.ts";
import { environmentLock } from "#usecases/rollout/begin-run.ts";
import type { DeploymentEvent } from "#core/rollout/state.ts";
import { tell } from "#usecases/release/move.ts";
import { systemActor, type Records } from "#usecases/records.ts";

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
    if (refused.code === "unknown-version")
      await write(deps, change, { ...failed(change, version, refused.sentence), name });
    else await deps.transact((records) => leaveRunning(records, change, version, refused.sentence, deps.now()));
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

/** On record as left running, so that it is stopped later: by the sweep of a worker, whatever becomes of this run. */
export async function leaveRunning(
  records: Records,
  change: Change,
  version: string,
  why: string,
  at: Temporal.Instant,
): Promise<void> {
  const sessions = version === change.control ? wayIn(change).sessions : null;
  const left = { ...leftOf({ ...change, control: version }, at), sessions, askAt: sessions === null ? null : at };
  await records.leftVersions.insert(left);
  const line = failed(change, version, `${why} It is tried again until it is stopped.`);
  await records.timeline.append({ deployment: change.deployment, at, detail: null, ...line });
}

function failed({ service }: Change, version: string, why: string) {
  const sentence = `${service}@${version} could not be stopped: ${why}`;
  return { step: "stop-version", name: `stop ${version}`, phase: "failed", sentence } as const;
}

/** What the run tells its deployment at its end, and the sentence that stays with it. */
export interface Ending {
  readonly event: Extract<
    DeploymentEvent,
    { readonly kind: "went-live" | "went-back" | "never-changed" | "lost-sight" }
  >;
  readonly outcome: string;
}

const actions = {
  "went-live": "deployment.succeed",
  "went-back": "deployment.roll-back",
  "never-changed": "deployment.fail",
  "lost-sight": "deployment.lose-sight",
} as const;

/**
 * The end of a run in one transaction: terminal state, inventory, lock, audit entry, and the work that waited for the
 * lock or for this version.
 */
export async function recordEnd(
  deps: Pick<RolloutDeps, "now">,
  records: Records,
  change: Change,
  { event, outcome }: Ending,
): Promise<void> {
  const at = deps.now();
  const { deployment, service, environment, version, digest } = change;
  const isLive = event.kind === "went-live";
  if (isLive) await armWatch(records, change, at);
  if (isLive) await records.inventory.record({ service, environment, version, digest, at, deployment });
  await tell(records, { id: deployment, state: "running" }, event, { endedAt: at, outcome });
  await records.locks.release(environmentLock(environment), deployment);
  await records.timeline.append({
    deployment,
    at,
    step: "record",
    name: "record the end",
    phase: isLive ? "done" : "failed",
    sentence: outcome,
    detail: { event },
  });
  await records.audit.append({
    at,
    actor: systemActor,
    action: actions[event.kind],
    object: deployment,
    outcome: event.kind,
    reason: outcome,
    verdict: null,
    requestId: null,
    before: { state: "running" },
    after: { event, service, environment, version },
  });
  await records.deployments.wake(environment, at);
}
