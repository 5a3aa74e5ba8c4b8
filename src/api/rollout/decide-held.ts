import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf, showKnownDeployment } from "#api/release/show-deployment.ts";
import { decideHeld } from "#contract/release.ts";

export const decideHeldHandler = defineHandler(decideHeld, async (deps, call) => {
  const id = toDeploymentId(call.params.id);
  const result = await deps.operations.decideHeld({ id, ...call.body }, callOf(call));
  if (result.ok) return answer(202, (await showKnownDeployment(deps, result.value, call)).body);
  const details = {
    "no-such-deployment": `There is no deployment ${id}.`,
    "already-ended": `Deployment ${id} has ended; there is nothing to decide.`,
    "not-held": `Deployment ${id} does not hold its position: it is going its way, or somebody has decided already.`,
    "not-decider": `The team of the service has named who decides on deployment ${id}; you may say what you think.`,
    "cannot-go-back": `Deployment ${id} cannot be taken back: it is not live any more, or nothing was there before it.`,
  };
  return refuse(result.error, details[result.error]);
});
