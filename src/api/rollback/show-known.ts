import type { ApiDeps } from "#api/deps.ts";
import type { Context } from "#api/handler.ts";
import { presentWayBack } from "#api/rollback/present.ts";
import type { DeploymentId } from "#core/id.ts";

/** The way back of a deployment that an operation has just touched. */
export async function showKnownWayBack(
  deps: ApiDeps,
  id: DeploymentId,
  call: Context,
): Promise<ReturnType<typeof presentWayBack>> {
  const view = await deps.rollback.showWayBack(id);
  if (view === null) throw new Error(`deployment ${id} is not there right after it was touched`);
  return presentWayBack(view, call);
}
