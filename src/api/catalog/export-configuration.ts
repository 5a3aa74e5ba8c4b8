import { answer, defineHandler } from "#api/handler.ts";
import { exportConfiguration } from "#contract/configuration.ts";

export const exportConfigurationHandler = defineHandler(exportConfiguration, async (deps) =>
  answer(200, await deps.views.configurationYaml()),
);
