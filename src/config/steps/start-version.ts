import { z } from "zod";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { placeReferences, versioned } from "#config/steps/versioned.ts";

export const startVersion = defineStepKind({
  field: "startVersion",
  summary: "Starts a version beside the others, without traffic; judged like a deployment. Its own undo stops it.",
  schema: z.strictObject(versioned),
  references: placeReferences,
  toAction: (given) => ({ kind: "start-version", ...given }),
});
