import { z } from "zod";
import { listField, nameField, textField } from "#config/fields.ts";
import { isJsonObject, itemsOf, member } from "#config/json.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";

export const notify = defineStepKind({
  field: "notify",
  summary: "Tells people, in their inbox and on record, once however often the step is begun.",
  schema: z
    .strictObject({
      to: listField(nameField("Person, team or role."), "All of them are told."),
      onCall: listField(
        nameField("Name of a team."),
        "Whoever is on call there then; everybody of a team of which nobody knows it.",
      ),
      text: textField("What they are told."),
    })
    .superRefine(({ to, onCall }, context) => {
      if ((to ?? []).length + (onCall ?? []).length > 0) return;
      const params = { code: "missing-field", message: "It names nobody.", remedy: "Add to, or onCall." };
      context.addIssue({ code: "custom", path: [], message: params.message, params });
    }),
  references: (given, at) =>
    itemsOf(isJsonObject(given) ? member(given, "onCall") : undefined).flatMap((name, index) =>
      typeof name === "string" ? [{ at: [...at, "onCall", index], name, to: ["Team"] }] : [],
    ),
  toAction: ({ to, onCall, text }) => ({ kind: "notify", to: to ?? [], onCall: onCall ?? [], text }),
});
