import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { showDeployment } from "#api/release/show-deployment.ts";
import { getDeployment } from "#contract/release.ts";

export const getDeploymentHandler = defineHandler(getDeployment, async (deps, call) => {
  const shown = await showDeployment(deps, toDeploymentId(call.params.id), call);
  if (shown === null) return refuse("no-such-deployment", `There is no deployment ${call.params.id}.`);
  return answer(200, shown.body, { headers: shown.headers });
});
