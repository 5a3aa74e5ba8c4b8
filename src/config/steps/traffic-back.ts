import { z } from "zod";
import { nameField } from "#config/fields.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";

export const trafficBack = defineStepKind({
  field: "trafficBack",
  summary: "Gives back the shares that were there before a step with shiftTraffic; only on the way back.",
  schema: z.strictObject({ step: nameField("Name of the step with the shiftTraffic.") }),
  toAction: ({ step }) => ({ kind: "traffic-back", step }),
});
