import { z } from "zod";
import { defineKind } from "#config/kind.ts";
import { expansionProblems, localRuleFields, ruleProblems, toLocalRule, whyRuleFields } from "#config/local-rule.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import type { Window } from "#core/calendar/window.ts";

export const window = defineKind({
  kind: "Window",
  summary:
    "When something may happen. Windows that match are alternatives. A window that names no actions does not bind `roll-back`.",
  example: `kind: Window
metadata: { name: prod-weekend }
spec:
  scope: { environments: ["prod-*"], tiers: [1, 2] }
  zone: target
  start: 2026-01-03T01:00
  rrule: FREQ=WEEKLY;BYDAY=SA
  end: "05:00"`,
  schema: z.strictObject({
    scope: scopeField,
    ...localRuleFields,
    onClose: z.enum(["finish", "pause", "roll-back"]).optional().meta({
      description: "What happens to a run when the window closes under it. `finish` when left out.",
    }),
  }),
  references: () => [],
  check: ruleProblems,
  verify: ({ rule }: Window) => expansionProblems("window", rule),
  whyMandatory: whyRuleFields,
  toDomain: (name, spec): Window => ({
    name,
    scope: toScope(spec.scope),
    rule: toLocalRule(spec),
    onClose: spec.onClose ?? "finish",
  }),
});
