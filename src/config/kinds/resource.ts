import { z } from "zod";
import { nameField, textField } from "#config/fields.ts";
import { defineKind } from "#config/kind.ts";
import { referenceAt } from "#config/references.ts";
import type { Resource } from "#core/plan/resource-queue.ts";

export const resource = defineKind({
  kind: "Resource",
  summary:
    "Something that only so many may use at the same time: a database that one migration at a time may touch, a cluster, a team of specialists. Steps of plans that use it wait in a fair queue.",
  example: `kind: Resource
metadata: { name: orders-db }
spec: { owner: payments, capacity: 1 }`,
  schema: z.strictObject({
    owner: nameField("Person or team that answers for it."),
    capacity: z.number().int().min(1).max(1000).meta({ description: "Units in use at the same time at most." }),
    summary: textField("What it is.").optional(),
  }),
  references: (spec) => referenceAt(spec, "owner", ["Team", "Person"]),
  toDomain: (name, spec): Resource => ({ name, owner: spec.owner, capacity: spec.capacity }),
});
