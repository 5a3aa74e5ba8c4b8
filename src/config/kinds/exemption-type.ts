import { z } from "zod";
import { durationField, nameField, textField } from "#config/fields.ts";
import { itemsOf, type JsonObject, member } from "#config/json.ts";
import { defineKind } from "#config/kind.ts";
import { limits } from "#config/limits.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { readDuration } from "#config/time.ts";
import { controlForms, parseControl } from "#core/exemption/control.ts";
import type { ExemptionType } from "#core/exemption/exemption.ts";
import { nearestNames } from "#core/policy/nearest.ts";
import { rules } from "#core/policy/registry.ts";

/** More controls than anybody keeps in place. */
const maxControls = 10;

export const exemptionType = defineKind({
  kind: "ExemptionType",
  summary:
    "A sort of exemption that is granted at all: what it may deviate from, what has to make up for it, for how long and how often in a row. Without a type nobody can be exempted.",
  example: `kind: ExemptionType
metadata: { name: no-load-test }
spec:
  rule: evidence-fresh
  codes: [evidence-missing, evidence-stale]
  subjects: [load-test]
  scope: { tiers: [2, 3] }
  controls: ["canary:PT24H"]
  maxDuration: P90D
  renewals: 1`,
  schema: z.strictObject({
    rule: nameField("Rule that it deviates from."),
    codes: z
      .array(nameField("Code of a finding of that rule that may be exempted."))
      .min(1)
      .max(limits.listLength)
      .meta({ description: "What it lets through; docs/rules says which codes may be exempted." }),
    subjects: z
      .array(nameField("Kind of evidence, where the rule judges several."))
      .max(limits.listLength)
      .optional()
      .meta({ description: "An exemption names one of these; any when left out." }),
    scope: scopeField,
    controls: z
      .array(textField(`Compensating control: ${controlForms}.`))
      .max(maxControls)
      .meta({ description: `What has to be in place at every use: ${controlForms}.` }),
    maxDuration: durationField("Longest time from its begin to its end."),
    renewals: z.number().int().min(0).max(100).meta({ description: "How often one may follow upon another." }),
  }),
  references: () => [],
  check: (spec) => [...unknownDeviations(spec), ...unreadableControls(spec)],
  whyMandatory: {
    scope: "Say what may be exempted; scope: {} is everything.",
    controls: "Say what makes up for the deviation; controls: [] is nothing.",
  },
  toDomain: (name, spec): ExemptionType => ({
    name,
    rule: spec.rule,
    codes: spec.codes,
    subjects: spec.subjects ?? [],
    scope: toScope(spec.scope),
    controls: spec.controls,
    maxDuration: checked(readDuration(spec.maxDuration)),
    renewals: spec.renewals,
  }),
});

function unknownDeviations(spec: JsonObject): readonly FieldProblem[] {
  const named = member(spec, "rule");
  if (typeof named !== "string") return [];
  const open = new Map(rules.map(({ id, exemptible = [] }) => [id, exemptible]));
  const codes = open.get(named);
  if (codes === undefined || codes.length === 0) {
    const exemptible = [...open].flatMap(([id, list]) => (list.length === 0 ? [] : [id]));
    const message =
      codes === undefined ? `There is no rule ${named}.` : `Nothing of the rule ${named} may be exempted.`;
    const near = nearestNames(named, exemptible);
    const remedy = `Name one of ${(near.length > 0 ? near : exemptible).join(", ")}.`;
    return [{ at: ["spec", "rule"], code: "bad-value", message, remedy }];
  }
  return itemsOf(member(spec, "codes")).flatMap((code, index): FieldProblem[] => {
    if (typeof code !== "string" || codes.includes(code)) return [];
    const message = `The code ${code} of ${named} may not be exempted.`;
    return [{ at: ["spec", "codes", index], code: "bad-value", message, remedy: `Name some of ${codes.join(", ")}.` }];
  });
}

function unreadableControls(spec: JsonObject): readonly FieldProblem[] {
  return itemsOf(member(spec, "controls")).flatMap((control, index): FieldProblem[] => {
    if (typeof control !== "string" || parseControl(control) !== null) return [];
    const message = `Nobody could verify the control ${control}.`;
    return [{ at: ["spec", "controls", index], code: "bad-value", message, remedy: `Write ${controlForms}.` }];
  });
}
