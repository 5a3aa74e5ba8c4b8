import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf, showKnownDeployment } from "#api/release/show-deployment.ts";
import { abortDeployment } from "#contract/release.ts";

export const abortDeploymentHandler = defineHandler(abortDeployment, async (deps, call) => {
  const id = toDeploymentId(call.params.id);
  const result = await deps.operations.abortDeployment({ id, reason: call.body.reason }, callOf(call));
  if (result.ok) return answer(202, (await showKnownDeployment(deps, result.value, call)).body);
  const details = {
    "no-such-deployment": `There is no deployment ${id}.`,
    "already-ended": `Deployment ${id} has ended. To go back to the former version, roll it back.`,
  };
  return refuse(result.error, details[result.error]);
});
