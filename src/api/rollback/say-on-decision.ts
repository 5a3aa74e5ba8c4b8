import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { showKnownWayBack } from "#api/rollback/show-known.ts";
import { sayOnDecision } from "#contract/rollback.ts";

export const sayOnDecisionHandler = defineHandler(sayOnDecision, async (deps, call) => {
  const deployment = toDeploymentId(call.params.id);
  const { text, option } = call.body;
  const result = await deps.rollback.sayOnDecision({ deployment, text, option }, callOf(call));
  if (result.ok) return answer(202, await showKnownWayBack(deps, deployment, call));
  const details = {
    "no-such-deployment": `There is no deployment ${deployment}.`,
    "no-open-decision": `Nothing is being decided about deployment ${deployment}, or it has been decided already.`,
    "not-asked": `Nobody has asked you about deployment ${deployment}: the plan of the way back names who is.`,
  };
  return refuse(result.error, details[result.error]);
});
