import { z } from "zod";
import { listField, nameField, textField } from "#config/fields.ts";
import { isJsonObject, itemsOf, member } from "#config/json.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { roles } from "#core/catalog/people.ts";

/** More people never agree in time. */
const maxApprovals = 10;

export const approve = defineStepKind({
  field: "approve",
  summary:
    "Waits until others than who started or wrote it consent to exactly what would run; any change of it voids their consent. Without enough of them at the time-out it is refused.",
  schema: z
    .strictObject({
      roles: listField(z.enum(roles), "Holders of one of these roles may consent."),
      teams: listField(nameField("Name of a team."), "Members of one of these teams may consent."),
      approvals: z
        .number()
        .int()
        .min(1)
        .max(maxApprovals)
        .optional()
        .meta({ description: "Persons; 1 when left out." }),
      instruction: textField("What they have to look at, in the imperative."),
      signature: z.boolean().optional().meta({ description: "Whoever decides shows once more who they are." }),
    })
    .superRefine((given, context) => {
      if ((given.roles ?? []).length + (given.teams ?? []).length > 0) return;
      const message = "It asks for consent, but names neither roles nor teams that may give it.";
      const params = { code: "no-approver", message, remedy: "Add roles: [approver], or teams." };
      context.addIssue({ code: "custom", path: [], message, params });
    }),
  references: (given, at) => {
    const teams = isJsonObject(given) ? itemsOf(member(given, "teams")) : [];
    return teams.flatMap((name, index) =>
      typeof name === "string" ? [{ at: [...at, "teams", index], name, to: ["Team"] }] : [],
    );
  },
  toAction: ({ roles: held, teams, approvals, instruction, signature }) => ({
    kind: "approve",
    roles: held ?? [],
    teams: teams ?? [],
    approvals: approvals ?? 1,
    instruction,
    signature: signature ?? false,
  }),
});
