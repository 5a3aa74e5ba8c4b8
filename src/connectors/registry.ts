import { agentDeployer } from "#connectors/agent/connector.ts";
import { gitHubAnswerer } from "#connectors/github/connector.ts";
import { prometheusSource } from "#connectors/prometheus/connector.ts";
import { unleashFlags } from "#connectors/unleash/connector.ts";

/** Every kind of deployment target there is; `registry.test.ts` compares the lists with the folders. */
export const deployers = { agent: agentDeployer } as const;

/** Every system whose jobs wait for our answer. */
export const answerers = { github: gitHubAnswerer } as const;

/** Every system that keeps feature flags. */
export const flagKeepers = { unleash: unleashFlags } as const;

/** Every system that measures for success criteria. */
export const metricSources = { prometheus: prometheusSource } as const;
