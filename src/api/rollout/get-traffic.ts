import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { getTraffic } from "#contract/release.ts";

export const getTrafficHandler = defineHandler(getTraffic, async (deps, call) => {
  const id = toDeploymentId(call.params.id);
  const view = await deps.views.deployment(id);
  if (view === null) return refuse("no-such-deployment", `There is no deployment ${id}.`);
  const samples = await deps.views.traffic(id);
  return answer(200, {
    deployment: id,
    control: view.record.control,
    canary: view.record.subject.version,
    samples: samples.map(({ second, arm, requests, errors, p95Ms }) => ({ second, arm, requests, errors, p95Ms })),
  });
});
