import { z } from "zod";
import { listField, nameField } from "#config/fields.ts";
import { defineKind } from "#config/kind.ts";
import { limits } from "#config/limits.ts";
import type { Source } from "#core/release/source.ts";

export const source = defineKind({
  kind: "Source",
  summary:
    "Who reports under a name: evidence, verifications, tickets, error budgets, risk scores, signals. Without a Source a name belongs to the account of that name, or to the account that reported under it first.",
  example: `kind: Source
metadata: { name: ci }
spec:
  accounts: [checkout-release-bot]
  evidence: [load-test]`,
  schema: z.strictObject({
    accounts: z
      .array(nameField("Account that speaks for it."))
      .min(1)
      .max(limits.listLength)
      .meta({ description: "Nobody else reports under this name." }),
    evidence: listField(nameField("Kind of evidence."), "Kinds of evidence that only sources which list them report."),
  }),
  references: () => [],
  toDomain: (name, spec): Source => ({ name, accounts: spec.accounts, evidence: spec.evidence ?? [] }),
});
