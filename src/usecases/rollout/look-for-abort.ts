import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";

/** Who has asked to end the run; null: nobody. */
export function askedToAbort(
  deps: Pick<RolloutDeps, "transact">,
  change: Pick<Change, "deployment">,
): Promise<string | null> {
  return deps.transact(
    async (records) => (await records.deployments.find(change.deployment))?.abortRequestedBy ?? null,
  );
}
