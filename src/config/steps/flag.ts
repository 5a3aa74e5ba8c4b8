import { z } from "zod";
import { nameField } from "#config/fields.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { placeReferences } from "#config/steps/versioned.ts";

/** Names as the systems that keep flags allow them in a path. */
const flagName = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,100}$/)
  .meta({ description: "Name of the flag where it is kept." });

export const flag = defineStepKind({
  field: "flag",
  summary:
    "Switches a feature flag for an environment, at the system that keeps flags, and looks there whether it is so. Judged as a change of a flag for the version of the service that is live. Its own undo switches it to what it was before.",
  schema: z.strictObject({
    service: nameField("Service whose flag it is."),
    environment: nameField("Where; the environment has the same name where flags are kept."),
    flag: flagName,
    project: flagName.optional().meta({ description: "Where the flag is kept; `default` when left out." }),
    to: z.enum(["on", "off"]).meta({ description: "What it is switched to." }),
  }),
  references: placeReferences,
  toAction: ({ project, to, ...rest }) => ({ kind: "flag", ...rest, project: project ?? "default", isOn: to === "on" }),
});
