import { evolve, type DeploymentEvent } from "#core/rollout/state.ts";
import type { DeploymentChange, DeploymentRecord, Records } from "#usecases/records.ts";

/**
 * Tells a deployment what happened to it: the machine in `core/rollout/state` says where that leads, the store refuses
 * if somebody else was faster. An event that cannot happen in the state is a bug of the caller, so it throws.
 */
export async function tell(
  records: Records,
  deployment: Pick<DeploymentRecord, "id" | "state">,
  event: DeploymentEvent,
  change: DeploymentChange,
): Promise<void> {
  const moved = evolve(deployment.state, event);
  if (!moved.ok) throw new Error(`${deployment.id}: ${moved.error.message}`);
  await records.deployments.move(deployment.id, deployment.state, moved.value, change);
}
