import { z } from "zod";
import { nameField } from "#config/fields.ts";
import { defineKind } from "#config/kind.ts";
import { referenceAt } from "#config/references.ts";
import type { Team } from "#core/catalog/people.ts";

export const team = defineKind({
  kind: "Team",
  summary: "People who own services together.",
  example: `kind: Team
metadata: { name: checkout }
spec: { unit: retail }`,
  schema: z.strictObject({ unit: nameField("Unit that the team belongs to.") }),
  references: (spec) => referenceAt(spec, "unit", ["Unit"]),
  toDomain: (name, spec): Team => ({ name, unit: spec.unit }),
});
