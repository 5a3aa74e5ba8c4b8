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
    "already-open": `${service} ${version} is on its way to ${environment}${open}`,
    "already-live": `${service} ${version} is live in ${environment}. There is nothing to do.`,
  };
  return refuse(result.error, details[result.error]);
});

/** Which deployment it is, and the commands that go on: it stays what it was asked for as. */
async function openOne(
  { views }: Pick<ApiDeps, "views">,
  wish: {
    readonly service: string;
    readonly version: string;
    readonly environment: string;
    readonly class: string;
  },
): Promise<string> {
  const { service, version, environment } = wish;
  const { items } = await views.listDeployments({ service, environment, state: "open", limit: 50, cursor: null });
  const open = items.find(({ record }) => record.subject.version === version)?.record;
  if (open === undefined) return ". Follow that deployment.";
  const { id, subject } = open;
  if (subject.class === wish.class) return `. Follow that deployment, ${id}: tidegate deployment ${id} --watch.`;
  return ` as a ${subject.class} change, ${id}, and stays one. To have it go as ${wish.class}, end that one and ask again: tidegate abort ${id} --reason "…"`;
}
