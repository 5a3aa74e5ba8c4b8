import { answer, defineHandler } from "#api/handler.ts";
import { refuseConfiguration } from "#api/catalog/refuse-configuration.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { applyConfiguration } from "#contract/configuration.ts";

export const applyConfigurationHandler = defineHandler(applyConfiguration, async (deps, call) => {
  const mode = call.query.dryRun === "server" ? "dry-run" : "apply";
  const result = await deps.operations.applyConfiguration({ files: call.body.files, mode }, callOf(call));
  return result.ok ? answer(200, result.value) : refuseConfiguration(result.error.problems);
});
