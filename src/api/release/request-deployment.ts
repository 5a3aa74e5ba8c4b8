import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf, showKnownDeployment } from "#api/release/show-deployment.ts";
import { requestDeployment } from "#contract/release.ts";

/** A no-go is an answer and not an error: 202 with the verdict and every reason in it. */
export const requestDeploymentHandler = defineHandler(requestDeployment, async (deps, call) => {
  const { service, version, environment } = call.body;
  const result = await deps.operations.requestDeployment(call.body, callOf(call));
  if (result.ok) {
    const { body, headers } = await showKnownDeployment(deps, result.value, call);
    return answer(202, body, { headers });
  }
  const details = {
    "no-such-service": `The catalog has no service ${service}. Apply its document first.`,
    "no-such-environment": `The catalog has no environment ${environment}. Apply its document first.`,
    "no-such-artifact": `Version ${version} of ${service} is not registered. Register its artifact first.`,
    "already-open": `${service} ${version} is on its way to ${environment}. Follow that deployment.`,
    "already-live": `${service} ${version} is live in ${environment}. There is nothing to do.`,
  };
  return refuse(result.error, details[result.error]);
});
