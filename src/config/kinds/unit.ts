import { z } from "zod";
import { defineKind } from "#config/kind.ts";
import type { Unit } from "#core/catalog/people.ts";

export const unit = defineKind({
  kind: "Unit",
  summary: "A part of the organisation that owns teams and services, such as a business line.",
  example: `kind: Unit
metadata: { name: retail }`,
  schema: z.strictObject({}),
  references: () => [],
  toDomain: (name): Unit => ({ name }),
});
