import { z } from "zod";
import { listField, nameField } from "#config/fields.ts";
import { isJsonObject, itemsOf, member } from "#config/json.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";

export const lock = defineStepKind({
  field: "lock",
  summary:
    "Keeps environments, or units of shared resources, for this run from here to its end, way back included. Once in a runbook, and what else is shared is used before it: who holds something waits for nothing.",
  schema: z
    .strictObject({
      environments: listField(nameField("Name of an Environment."), "No deployment and no other run acts there."),
      resources: listField(
        z.strictObject({
          resource: nameField("Name of a Resource."),
          units: z.number().int().min(1).max(1000).optional().meta({ description: "1 when left out." }),
        }),
        "It waits in their fair queues until it has all of them at once.",
      ),
    })
    .superRefine(({ environments, resources }, context) => {
      const [places, shared] = [(environments ?? []).length, (resources ?? []).length];
      if (places > 0 !== shared > 0) return;
      const message =
        places === 0 ? "The lock names nothing that it keeps." : "A lock keeps environments or resources, not both.";
      const remedy = "Name environments, or resources.";
      context.addIssue({ code: "custom", path: [], message, params: { code: "contradiction", message, remedy } });
    }),
  references: (given, at) => {
    if (!isJsonObject(given)) return [];
    const environments = itemsOf(member(given, "environments")).map((name, index) => ({
      at: [...at, "environments", index],
      name,
      to: ["Environment"],
    }));
    const resources = itemsOf(member(given, "resources")).map((item, index) => ({
      at: [...at, "resources", index, "resource"],
      name: isJsonObject(item) ? member(item, "resource") : undefined,
      to: ["Resource"],
    }));
    return [...environments, ...resources].flatMap(({ name, ...rest }) =>
      typeof name === "string" ? [{ ...rest, name }] : [],
    );
  },
  toAction: ({ environments, resources }) => ({
    kind: "lock",
    environments: (environments ?? []).toSorted(),
    resources: (resources ?? []).map(({ resource, units }) => ({ resource, units: units ?? 1 })),
  }),
});
