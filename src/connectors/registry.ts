import { agentDeployer } from "#connectors/agent/connector.ts";

/** Every kind of deployment target there is; `registry.test.ts` compares the list with the folders. */
export const deployers = { agent: agentDeployer } as const;
