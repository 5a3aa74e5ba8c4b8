import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { notWatched, showKnownWatch } from "#api/rollout/live-watch.ts";
import { checkInOnWatch } from "#contract/watch.ts";

export const checkInOnWatchHandler = defineHandler(checkInOnWatch, async (deps, call) => {
  const deployment = toDeploymentId(call.params.id);
  const result = await deps.watches.checkIn({ deployment, ...call.body }, callOf(call));
  if (result.ok) return answer(200, await showKnownWatch(deps, deployment, call));
  const details = {
    "not-watched": `${notWatched(deployment)} Or it names no watcher.`,
    "not-asked": `Somebody else looks after deployment ${deployment}: its Watch names who.`,
  };
  return refuse(result.error, details[result.error]);
});
