import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf, showKnownDeployment } from "#api/release/show-deployment.ts";
import { rollBackDeployment } from "#contract/release.ts";

/** Answers the new deployment that goes the other way, not the one that is rolled back. */
export const rollBackDeploymentHandler = defineHandler(rollBackDeployment, async (deps, call) => {
  const id = toDeploymentId(call.params.id);
  const result = await deps.operations.rollBackDeployment({ id, reason: call.body.reason }, callOf(call));
  if (result.ok) {
    const { body, headers } = await showKnownDeployment(deps, result.value, call);
    return answer(202, body, { headers });
  }
  const details = {
    "no-such-deployment": `There is no deployment ${id}.`,
    "nothing-to-roll-back-to": `No version was live before deployment ${id}. Deploy a known good version instead.`,
    "not-live": `Another version went live after deployment ${id}. Roll back the latest one.`,
    "still-open": `Deployment ${id} has not ended. Abort it: it goes back by itself.`,
    "already-open": `The former version is on its way back already. Follow that deployment.`,
  };
  return refuse(result.error, details[result.error]);
});
