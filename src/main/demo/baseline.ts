import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { agentObservation } from "#contract/agent.ts";
import { root } from "#main/bind-api.ts";
import type { DemoAgent } from "#main/demo/agent-process.ts";

const fleet = z.object({
  services: z.array(z.object({ name: z.string(), versions: z.record(z.string(), z.object({ digest: z.string() })) })),
});

export interface KnownVersion {
  readonly service: string;
  readonly version: string;
  readonly digest: string;
}

/** Every version that the fleet of the boutique can run. */
export function knownVersions(): readonly KnownVersion[] {
  const text = readFileSync(path.join(root, "examples/boutique/fleet/fleet.json"), "utf8");
  const { services } = fleet.parse(JSON.parse(text));
  return services.flatMap(({ name, versions }) =>
    Object.entries(versions).map(([version, { digest }]) => ({ service: name, version, digest })),
  );
}

const backWithinMs = 20_000;
const lookEveryMs = 100;

export const baselineVersion = "1.0.0";

/** Services are started from the bottom of the graph up, so that each finds its neighbours when it starts. */
const order = [
  "redis-cart",
  "cart",
  "productcatalog",
  "currency",
  "payment",
  "shipping",
  "email",
  "recommendation",
  "ad",
  "checkout",
  "frontend",
  "loadgenerator",
];

/**
 * What the shop ran before Tidegate came: version 1.0.0 of every service, or of those that are named, started at the agent
 * directly and under no lock number. Services that run already are left alone.
 */
export async function startBaseline(
  agent: DemoAgent,
  environment: string,
  services: readonly string[] = order,
): Promise<void> {
  const versions = knownVersions().filter(
    ({ service, version }) => version === baselineVersion && services.includes(service),
  );
  const inOrder = versions.toSorted((a, b) => order.indexOf(a.service) - order.indexOf(b.service));
  for (const known of inOrder) await startOne(agent, environment, known);
}

async function startOne(
  agent: DemoAgent,
  environment: string,
  { service, version, digest }: KnownVersion,
): Promise<void> {
  const at = `/v1/environments/${environment}/services/${service}`;
  const seen = agentObservation.parse(await call(agent, "GET", at, null));
  if (seen.versions.some(({ percent }) => percent > 0)) return await untilBack(agent, at);
  const key = `baseline:${environment}:${service}:${seen.observedAt}`;
  await call(agent, "POST", `${at}/versions`, { version, digest, key: `${key}:start`, fence: seen.fence });
  await call(agent, "POST", `${at}/weights`, { weights: { [version]: 100 }, key: `${key}:weights`, fence: seen.fence });
}

/** Versions that an earlier start has left are started again by the agent itself; a failed one is for a person to see. */
async function untilBack(agent: DemoAgent, at: string): Promise<void> {
  for (let waited = 0; waited < backWithinMs; waited += lookEveryMs) {
    const { versions } = agentObservation.parse(await call(agent, "GET", at, null));
    if (versions.every(({ state }) => state !== "starting")) return;
    await delay(lookEveryMs);
  }
}

async function call(agent: DemoAgent, method: string, at: string, body: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${agent.token}`, "content-type": "application/json" };
  const init: RequestInit = body === null ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const answer = await fetch(`${agent.url}${at}`, { ...init, signal: AbortSignal.timeout(30_000) });
  if (!answer.ok) throw new Error(`The agent answered ${answer.status} to ${method} ${at}: ${await answer.text()}`);
  return await answer.json();
}
