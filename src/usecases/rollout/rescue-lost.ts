import type { DeploymentId } from "#core/id.ts";
import { systemActor, type DeploymentRecord, type Records, type Transact } from "#usecases/records.ts";
import { wayOf } from "#core/rollout/way.ts";
import { strategyOf } from "#usecases/release/content.ts";
import { tell } from "#usecases/release/move.ts";
import { noReturnOf } from "#usecases/rollout/begin-run.ts";
import type { Change } from "#usecases/rollout/change.ts";

export interface RescueLostDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  /** Deployments that are queued or running by the store, with their runs. */
  readonly underWay: () => Promise<readonly { readonly id: DeploymentId; readonly run: string }[]>;
  /** Those of the runs for which the engine will do nothing more. */
  readonly ended: (runs: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Enqueues the run that takes the deployment back; returns its id. */
  readonly takeBack: (records: Records, deployment: DeploymentRecord) => Promise<string>;
}

/**
 * Finds deployments that nobody works on any more although they have not ended: their run failed before it could record
 * an end. What had not started waits again; what had is taken back. Runs on a timer on every worker, so that nothing
 * stays under way for ever. Returns how many were found.
 */
export function makeRescueLost(deps: RescueLostDeps): () => Promise<number> {
  return async () => {
    let found = 0;
    const underWay = await deps.underWay();
    const ended = await deps.ended(underWay.map(({ run }) => run));
    for (const { id, run } of underWay) {
      if (!ended.has(run)) continue;
      if (await deps.transact((records) => rescue(deps, records, id, run))) found++;
    }
    return found;
  };
}

async function rescue(deps: RescueLostDeps, records: Records, id: DeploymentId, run: string): Promise<boolean> {
  const deployment = await records.deployments.findForUpdate(id);
  // Somebody was faster, or its end was recorded between the two looks.
  if (deployment === null || deployment.run !== run || deployment.endedAt !== null) return false;
  const at = deps.now();
  const { state } = deployment;
  if (state === "queued") await tell(records, deployment, { kind: "blocked" }, { nextCheckAt: at });
  else if (state === "running")
    await records.deployments.note(id, { run: await deps.takeBack(records, deployment), held: null });
  else return false;
  await records.audit.append({
    at,
    actor: systemActor,
    action: "deployment.rescue",
    object: id,
    outcome: state === "queued" ? "waits-again" : "taken-back",
    reason: `its run ${run} ended without an outcome`,
    verdict: null,
    requestId: null,
    before: { state, run },
    after: null,
  });
  return true;
}

export interface LostChange extends Change {
  /** The share that was confirmed last; absent in runs that began before it was asked for. */
  readonly reached?: number;
}

/** What has to be taken back, from the record alone; null when it has ended in the meantime. */
export async function changeOfLostRun(
  { now }: Pick<RescueLostDeps, "now">,
  records: Records,
  id: DeploymentId,
): Promise<LostChange | null> {
  const deployment = await records.deployments.find(id);
  if (deployment === null || deployment.state !== "running" || deployment.fence === null) return null;
  const { service, version, environment } = deployment.subject;
  const { digest, control, fence } = deployment;
  const at = now();
  const facts = await records.facts.load({ ...deployment.subject, onBehalfOf: id }, at, at);
  const way = wayOf(strategyOf(facts), facts.service?.rollout ?? {});
  const controlDigest = control === null ? null : ((await records.artifacts.find(service, control))?.digest ?? null);
  const place = { deployment: id, service, version, digest, environment, control, controlDigest, fence, way };
  return { ...place, ...noReturnOf(facts), reached: deployment.percent, stages: [], dependencies: [] };
}
