import { z } from "zod";
import { defineKind } from "#config/kind.ts";

export const vendor = defineKind({
  kind: "Vendor",
  summary: "Somebody else who runs what a service depends on. Dependencies of kind `external` point to vendors.",
  example: `kind: Vendor
metadata: { name: payco, description: Card payments }`,
  schema: z.strictObject({}),
  references: () => [],
  toDomain: (name): string => name,
});
