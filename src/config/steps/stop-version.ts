import { z } from "zod";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { placeReferences, versioned } from "#config/steps/versioned.ts";

export const stopVersion = defineStepKind({
  field: "stopVersion",
  summary: "Ends a version that has no traffic; the target refuses one that has any.",
  schema: z.strictObject(versioned),
  references: placeReferences,
  toAction: (given) => ({ kind: "stop-version", ...given }),
});
