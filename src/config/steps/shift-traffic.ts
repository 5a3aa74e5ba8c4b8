import { z } from "zod";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { percentField, placeReferences, versioned } from "#config/steps/versioned.ts";

export const shiftTraffic = defineStepKind({
  field: "shiftTraffic",
  summary:
    "Gives a version its share of live traffic; what is live on record has the rest. Judged like a deployment, and seen at the target. Its own undo gives back the shares that were there before.",
  schema: z.strictObject({ ...versioned, percent: percentField }),
  references: placeReferences,
  toAction: (given) => ({ kind: "shift-traffic", ...given }),
});
