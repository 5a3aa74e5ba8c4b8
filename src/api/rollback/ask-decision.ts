import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { showKnownWayBack } from "#api/rollback/show-known.ts";
import { askDecision } from "#contract/rollback.ts";

export const askDecisionHandler = defineHandler(askDecision, async (deps, call) => {
  const deployment = toDeploymentId(call.params.id);
  const result = await deps.rollback.askDecision({ deployment, because: call.body.because }, callOf(call));
  if (result.ok) return answer(202, await showKnownWayBack(deps, deployment, call));
  const details = {
    "no-such-deployment": `There is no deployment ${deployment}.`,
    "no-protocol": "The Rollback document of the service names nobody who decides; add decision to it.",
    "not-live": `Deployment ${deployment} is not what is live there; a run that is under way is aborted instead.`,
  };
  return refuse(result.error, details[result.error]);
});
