import { durationField } from "#config/fields.ts";
import { checked } from "#config/local-rule.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { readDuration } from "#config/time.ts";
import { elapsedMs } from "#core/policy/say.ts";

export const soak = defineStepKind({
  field: "soak",
  summary: "Lets time pass before what comes after it: a soak.",
  schema: durationField("Counted from the begin of the step."),
  toAction: (given) => ({
    kind: "wait-until",
    moment: { after: Math.ceil(elapsedMs(checked(readDuration(given))) / 1000) },
  }),
});
