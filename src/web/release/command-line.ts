import type { DeploymentSearch } from "#web/release/search.ts";
import type { DeploymentDetail } from "#web/release/deployment.ts";

/** What a person types to see or do the same; the words are those of the page. */
export function listCommand(search: Pick<DeploymentSearch, "environment" | "service" | "state">): string {
  const words = ["tidegate deployments"];
  if (search.environment !== undefined) words.push(`--environment ${search.environment}`);
  if (search.service !== undefined) words.push(`--service ${search.service}`);
  if (search.state !== undefined) words.push(`--state ${search.state}`);
  return words.join(" ");
}

export function watchCommand(deployment: Pick<DeploymentDetail, "id">): string {
  return `tidegate deployment ${deployment.id} --watch`;
}

export function whyCommand(subject: {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
}): string {
  return `tidegate why ${subject.service}@${subject.version} --to ${subject.environment}`;
}

export function deployCommand(subject: {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
}): string {
  return `tidegate deploy ${subject.service}@${subject.version} --to ${subject.environment} --watch`;
}
