import { z } from "zod";
import { nameField, versionField } from "#config/fields.ts";
import { isJsonObject, member } from "#config/json.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { changeClasses } from "#core/catalog/scope.ts";

export const subRelease = defineStepKind({
  field: "subRelease",
  summary: "A deployment of its own: judged, queued, locked, watched and taken back like every other.",
  schema: z.strictObject({
    service: nameField("Service to deploy."),
    version: versionField,
    environment: nameField("Where to."),
    class: z.enum(changeClasses).optional().meta({ description: "`normal` when left out." }),
  }),
  references: (given, at) =>
    (["service", "environment"] as const).flatMap((field) => {
      const name = isJsonObject(given) ? member(given, field) : undefined;
      const to = field === "service" ? ["Service"] : ["Environment"];
      return typeof name === "string" ? [{ at: [...at, field], name, to }] : [];
    }),
  toAction: ({ service, version, environment, class: changeClass }) => ({
    kind: "sub-release",
    service,
    version,
    environment,
    class: changeClass ?? "normal",
  }),
});
