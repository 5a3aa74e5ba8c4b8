import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { presentWayBack } from "#api/rollback/present.ts";
import { getWayBack } from "#contract/rollback.ts";

export const getWayBackHandler = defineHandler(getWayBack, async (deps, call) => {
  const id = toDeploymentId(call.params.id);
  const view = await deps.rollback.showWayBack(id);
  if (view === null) return refuse("no-such-deployment", `There is no deployment ${id}.`);
  return answer(200, presentWayBack(view, call));
});
