import { isIdOf, type DeploymentId } from "#core/id.ts";

/** The schema of the route has checked the shape; this makes the type say so. Throws for anything else: a bug. */
export function toDeploymentId(text: string): DeploymentId {
  if (!isDeploymentId(text)) throw new TypeError("not the id of a deployment");
  return text;
}

function isDeploymentId(text: string): text is DeploymentId {
  return isIdOf("deployment", text);
}
