import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { notWatched, showKnownWatch } from "#api/rollout/live-watch.ts";
import { endLiveWatch } from "#contract/watch.ts";

export const endLiveWatchHandler = defineHandler(endLiveWatch, async (deps, call) => {
  const deployment = toDeploymentId(call.params.id);
  const result = await deps.watches.endWatch({ deployment, reason: call.body.reason }, callOf(call));
  if (result.ok) return answer(200, await showKnownWatch(deps, deployment, call));
  return refuse(result.error, notWatched(deployment));
});
