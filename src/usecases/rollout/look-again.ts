import type { DeploymentRecord, Records } from "#usecases/records.ts";
import type { TellRun } from "#usecases/rollout/decide-held.ts";

/**
 * A run that stands still because of a rule judges again at once: what it waits for may be gone. A run looks a limited
 * number of times, so only what can let it go on is a reason to tell it. The same key tells a run once.
 */
export async function lookAgain(
  tellRun: TellRun,
  records: Records,
  key: string,
  concerns: (deployment: DeploymentRecord) => boolean = () => true,
): Promise<void> {
  for (const deployment of await records.deployments.running()) {
    const { run } = deployment;
    if (run !== null && concerns(deployment)) {
      await tellRun(records, run, { topic: "look", body: null }, `${key}:${run}`);
    }
  }
}
