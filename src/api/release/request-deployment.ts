import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf, showKnownDeployment } from "#api/release/show-deployment.ts";
import type { ApiDeps } from "#api/deps.ts";
import { nearNames } from "#api/release/near-names.ts";
import { requestDeployment } from "#contract/release.ts";

/** A no-go is an answer and not an error: 202 with the verdict and every reason in it. */
export const requestDeploymentHandler = defineHandler(requestDeployment, async (deps, call) => {
  const { service, version, environment } = call.body;
  const result = await deps.operations.requestDeployment(call.body, callOf(call));
  if (result.ok) {
    const { body, headers } = await showKnownDeployment(deps, result.value, call);
    return answer(202, body, { headers });
  }
  const near = await nearNames(deps, call.now, { service, environment });
  const register = `tidegate artifact register ${service}@${version} --digest sha256:…`;
  const open = result.error === "already-open" ? await openOne(deps, call.body) : "";
  const details = {
    "no-such-service": `The catalog has no service ${service}.${near.service} Correct the name, or apply its document first.`,
    "no-such-environment": `The catalog has no environment ${environment}.${near.environment} Correct the name, or apply its document first.`,
    "no-such-artifact": `Version ${version} of ${service} is not registered. Register it first: ${register}`,
    "already-open": `${service} ${version} is on its way to ${environment}. Follow that deployment${open}.`,
    "already-live": `${service} ${version} is live in ${environment}. There is nothing to do.`,
  };
  return refuse(result.error, details[result.error]);
});

/** Which deployment it is, and the command that follows it. */
async function openOne(
  { views }: Pick<ApiDeps, "views">,
  {
    service,
    version,
    environment,
  }: { readonly service: string; readonly version: string; readonly environment: string },
): Promise<string> {
  const { items } = await views.listDeployments({ service, environment, state: "open", limit: 50, cursor: null });
  const open = items.find(({ record }) => record.subject.version === version)?.record;
  return open === undefined ? "" : `, ${open.id}: tidegate deployment ${open.id} --watch`;
}
