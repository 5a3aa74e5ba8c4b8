import { z } from "zod";
import { nameField } from "#config/fields.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";

export const rollBack = defineStepKind({
  field: "rollBack",
  summary: "Takes the deployment of a sub-release of this run back to the version before it.",
  schema: z.strictObject({ step: nameField("Name of the step with the subRelease.") }),
  toAction: ({ step }) => ({ kind: "roll-back", step }),
});
