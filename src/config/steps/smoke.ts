import { z } from "zod";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { placeReferences, versioned } from "#config/steps/versioned.ts";

export const smoke = defineStepKind({
  field: "smoke",
  summary: "Calls a version directly, before users see it: liveness, identity and the checks of its catalogue.",
  schema: z.strictObject(versioned),
  references: placeReferences,
  toAction: (given) => ({ kind: "smoke", ...given }),
});
