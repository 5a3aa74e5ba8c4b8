import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { notWatched, presentWatch } from "#api/rollout/live-watch.ts";
import { getLiveWatch } from "#contract/watch.ts";

export const getLiveWatchHandler = defineHandler(getLiveWatch, async (deps, call) => {
  const view = await deps.watches.showWatch(toDeploymentId(call.params.id));
  return view === null
    ? refuse("not-watched", notWatched(call.params.id))
    : answer(200, presentWatch(view, call.identity));
});
