import { answer, defineHandler } from "#api/handler.ts";
import { refuseConfiguration } from "#api/catalog/refuse-configuration.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { diffConfiguration } from "#contract/configuration.ts";

/** A dry run for people who may read the configuration and not apply it. */
export const diffConfigurationHandler = defineHandler(diffConfiguration, async (deps, call) => {
  const input = { files: call.body.files, mode: "dry-run" } as const;
  const result = await deps.operations.applyConfiguration(input, callOf(call));
  return result.ok ? answer(200, result.value) : refuseConfiguration(result.error.problems);
});
