import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { showKnownWayBack } from "#api/rollback/show-known.ts";
import { decideOnSessions } from "#contract/rollback.ts";

export const decideOnSessionsHandler = defineHandler(decideOnSessions, async (deps, call) => {
  const deployment = toDeploymentId(call.params.id);
  const result = await deps.rollback.decideOnSessions({ deployment, ...call.body }, callOf(call));
  if (result.ok) return answer(202, await showKnownWayBack(deps, deployment, call));
  const details = {
    "no-such-deployment": `There is no deployment ${deployment}.`,
    "no-sessions-left": `No version of deployment ${deployment} was left running for its sessions, or it is stopped already.`,
  };
  return refuse(result.error, details[result.error]);
});
