import { z } from "zod";
import { nameField, textField } from "#config/fields.ts";
import { type JsonObject, member } from "#config/json.ts";
import { defineKind } from "#config/kind.ts";
import { expansionProblems, localRuleFields, ruleProblems, toLocalRule, whyRuleFields } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { referenceAt } from "#config/references.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { type Freeze, freezeStrengths } from "#core/calendar/freeze.ts";
import { roles } from "#core/catalog/people.ts";

/** Whoever holds this role answers for a freeze that names nobody. */
const ownerOfLastResort = "release-manager";

export const freeze = defineKind({
  kind: "Freeze",
  summary:
    "When something may not happen. An embargo outranks a hard freeze, a hard freeze a soft one, any of them a window.",
  example: `kind: Freeze
metadata: { name: quarter-end }
spec:
  scope: { tags: [financial] }
  strength: hard
  zone: Europe/Berlin
  start: 2026-03-31T18:00
  end: 2026-04-02T06:00
  owner: finance
  reason: The books of the quarter are closed.`,
  schema: z.strictObject({
    title: textField("What people call it, in findings and on pages; the name when left out.").optional(),
    scope: scopeField,
    strength: z.enum(freezeStrengths).meta({
      description:
        "`soft` passes with the approval it names, `hard` only for an emergency with an exception that names it, `embargo` is lifted by a compliance officer alone.",
    }),
    ...localRuleFields,
    owner: nameField("Team, person, unit or role that answers for the freeze.").optional(),
    passesWith: nameField("Approval route with which a soft freeze passes.").optional(),
    onBegin: z.enum(["finish", "pause", "roll-back"]).optional().meta({
      description: "What happens to a run when the freeze begins under it. `pause` when left out.",
    }),
    reason: textField("Why it exists, for those who are stopped by it.").optional(),
  }),
  references: (spec) => [
    ...referenceAt(spec, "owner", ["Team", "Person", "Unit"]).map(
      (reference) => ({ ...reference, severity: "warning", also: roles }) as const,
    ),
    ...referenceAt(spec, "passesWith", ["ApprovalRoute"]),
  ],
  check: (spec) => [...ruleProblems(spec), ...freezeProblems(spec)],
  verify: ({ rule }: Freeze) => expansionProblems("freeze", rule),
  whyMandatory: whyRuleFields,
  toDomain: (name, spec): Freeze => ({
    name,
    ...(spec.title === undefined ? {} : { title: spec.title }),
    scope: toScope(spec.scope),
    rule: toLocalRule(spec),
    strength: spec.strength,
    owner: spec.owner ?? ownerOfLastResort,
    passesWith: spec.passesWith ?? null,
    onBegin: spec.onBegin ?? "pause",
    reason: spec.reason ?? "",
  }),
});

function freezeProblems(spec: JsonObject): readonly FieldProblem[] {
  const strength = member(spec, "strength");
  if (member(spec, "passesWith") === undefined || strength === "soft" || strength === undefined) return [];
  const message = "Only a soft freeze passes with an approval.";
  const remedy = "Remove passesWith, or make the freeze soft.";
  return [{ at: ["spec", "passesWith"], on: "key", code: "bad-value", message, remedy }];
}
