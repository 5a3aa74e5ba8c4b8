import { z } from "zod";
import { labelField, listField, nameField, zoneField } from "#config/fields.ts";
import { defineKind } from "#config/kind.ts";
import { referencesIn } from "#config/references.ts";
import { placeField, said } from "#config/rollout-fields.ts";
import type { Environment } from "#core/catalog/environment.ts";

export const environment = defineKind({
  kind: "Environment",
  summary: "A stage on the promotion path.",
  example: `kind: Environment
metadata: { name: prod-emea }
spec: { zone: Europe/Berlin, region: emea, after: [staging], protected: true, windows: required }`,
  schema: z.strictObject({
    zone: zoneField,
    region: labelField.optional(),
    after: listField(
      nameField("Name of an environment."),
      "Environments before this one on the way of a digest. Whether it must have run there, and how long, says a Policy with promotion (rule environment-path); by itself this orders lists and pages.",
    ),
    protected: z.boolean().optional().meta({
      description: "In a protected environment an unknown fact counts as a denial. `false` when left out.",
    }),
    windows: z.enum(["required", "optional"]).optional().meta({
      description:
        "`required`: closed unless a window is open. `optional`: time restricts only where a window matches. `optional` when left out.",
    }),
    rollout: placeField,
  }),
  references: (spec) => referencesIn(spec, "after", ["Environment"]),
  whyMandatory: { zone: "Name an IANA zone such as Europe/Berlin; there is no default zone." },
  toDomain: (name, spec): Environment => ({
    name,
    zone: spec.zone,
    region: spec.region ?? null,
    after: spec.after ?? [],
    protected: spec.protected ?? false,
    windows: spec.windows ?? "optional",
    ...(spec.rollout === undefined ? {} : { rollout: said(spec.rollout) }),
  }),
});
