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

/** The same question, at the same instant: what is copied answers as the page does. */
export function whyCommand(asked: {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly class?: string | undefined;
  readonly deployment?: string | undefined;
  readonly at?: string | undefined;
}): string {
  const words = [`tidegate why ${asked.service}@${asked.version} --to ${asked.environment}`];
  if (asked.class !== undefined && asked.class !== "normal") words.push(`--class ${asked.class}`);
  if (asked.deployment !== undefined) words.push(`--for ${asked.deployment}`);
  if (asked.at !== undefined) words.push(`--at ${asked.at}`);
  return words.join(" ");
}

export function deployCommand(subject: {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
}): string {
  return `tidegate deploy ${subject.service}@${subject.version} --to ${subject.environment} --watch`;
}
