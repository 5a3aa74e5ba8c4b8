import { textField } from "#config/fields.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";

export const record = defineStepKind({
  field: "record",
  summary: "Puts a sentence on the record of the run.",
  schema: textField("The sentence."),
  toAction: (text) => ({ kind: "record", text }),
});
