import { instantField } from "#config/fields.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";

export const waitUntil = defineStepKind({
  field: "waitUntil",
  summary: "Waits until an instant. It costs nothing while it waits.",
  schema: instantField("Over at this instant."),
  toAction: (at) => ({ kind: "wait-until", moment: { at: Temporal.Instant.from(at).toString() } }),
});
