import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf, showKnownDeployment } from "#api/release/show-deployment.ts";
import { decideApproval } from "#contract/approval.ts";

export const decideApprovalHandler = defineHandler(decideApproval, async (deps, call) => {
  const id = toDeploymentId(call.params.id);
  const result = await deps.operations.decideApproval({ id, ...call.body }, callOf(call));
  if (result.ok) return answer(200, (await showKnownDeployment(deps, result.value, call)).body);
  const details = {
    "no-such-deployment": `There is no deployment ${id}.`,
    "already-ended": `Deployment ${id} has ended; there is nothing left to decide.`,
    "content-changed": "What would run is not what you were shown. Look at it again and decide anew.",
    "already-decided":
      "Your decision on this content is on record and final; consent in spite of a freeze is given with its name.",
    "own-request": "You asked for this deployment. Another person must decide.",
    "own-work": "You wrote what would be deployed. Another person must decide.",
    "not-entitled": "The approval route names other people. The finding says who can decide.",
    "no-such-freeze": `No freeze of that name concerns this deployment. The finding freeze-in-force names those that do.`,
    "freeze-not-passable":
      "No approval passes this freeze here: it is not soft, or the route that it names does not cover this change. Its owner can lift it.",
    "reason-required": "Say in one sentence why you reject it: the requester has to act on it.",
  };
  return refuse(result.error, details[result.error]);
});
