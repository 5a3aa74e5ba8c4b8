import { z } from "zod";
import { nameField, textField } from "#config/fields.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { limits } from "#core/plan/plan.ts";

const field = z.strictObject({
  name: nameField("Name in the answer."),
  label: textField("What is asked."),
  type: z.enum(["text", "number", "yes-no", "link"]).optional().meta({ description: "`text` when left out." }),
  required: z.boolean().optional().meta({ description: "True when left out." }),
});

export const humanTask = defineStepKind({
  field: "humanTask",
  summary:
    "A person does something, or decides, and answers for it by name. The time-out of the step is the deadline; the step ends as `whenLate` says.",
  schema: z.strictObject({
    who: nameField("Person, team or role that may answer."),
    instruction: textField("What is to be done, in the imperative."),
    form: z.array(field).max(limits.fields).optional().meta({ description: "What the answer has to state." }),
    signature: z.boolean().optional().meta({
      description: "Whoever answers shows once more who they are, with a token of an account of a human.",
    }),
    attachments: z.enum(["required", "none"]).optional().meta({
      description: "Whether an answer that says done carries files as evidence; it may when left out.",
    }),
    whenLate: z
      .enum(["failed", "skipped"])
      .optional()
      .meta({ description: "What the step ends as when nobody has answered in time; `failed` when left out." }),
  }),
  toAction: ({ who, instruction, form, signature, attachments, whenLate }) => ({
    kind: "human-task",
    who,
    instruction,
    form: (form ?? []).map(({ name, label, type, required }) => ({
      name,
      label,
      type: type ?? "text",
      required: required ?? true,
    })),
    whenLate: whenLate ?? "failed",
    ...(signature === true ? { signature } : {}),
    ...(attachments === undefined ? {} : { attachments }),
  }),
});
