import { z } from "zod";
import { nameField } from "#config/fields.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { placeReferences } from "#config/steps/versioned.ts";
import { changeActions } from "#core/catalog/scope.ts";

const argument = z.union([z.string().min(1).max(200), z.number()]);

export const shell = defineStepKind({
  field: "shell",
  summary:
    "Runs a command that the configuration of the environment's agent allows by name. Nothing of it is read by a shell: each argument is a checked value in its own place. Judged for the version of the service that is live.",
  schema: z.strictObject({
    service: nameField("Service on whose behalf it runs."),
    environment: nameField("Where it runs."),
    command: nameField("Name of the command in the agent's configuration."),
    arguments: z
      .record(z.string().min(1).max(50), argument)
      .optional()
      .meta({ description: "By the names of the command's parameters." }),
    change: z
      .enum(changeActions)
      .optional()
      .meta({ description: "What the rules take it for; `config` when left out." }),
  }),
  references: placeReferences,
  toAction: ({ arguments: given, change, ...rest }) => ({
    kind: "shell",
    ...rest,
    arguments: given ?? {},
    change: change ?? "config",
  }),
});
