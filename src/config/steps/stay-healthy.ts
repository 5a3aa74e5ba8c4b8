import { z } from "zod";
import { durationField, nameField, versionField } from "#config/fields.ts";
import { isJsonObject, member } from "#config/json.ts";
import { checked } from "#config/local-rule.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { readDuration } from "#config/time.ts";
import { elapsedMs } from "#core/policy/say.ts";

export const stayHealthy = defineStepKind({
  field: "stayHealthy",
  summary:
    "Lets time pass in which a version is live and reported well, without a break. An outage or another version ends it as failed; what nobody reports is no health.",
  schema: z.strictObject({
    service: nameField("Service."),
    version: versionField.meta({ description: "The one that has to be live." }),
    environment: nameField("Where."),
    for: durationField("So long without a break."),
  }),
  toAction: ({ service, version, environment, for: length }) => ({
    kind: "stay-healthy",
    service,
    version,
    environment,
    seconds: Math.ceil(elapsedMs(checked(readDuration(length))) / 1000),
  }),
  references: (given, at) =>
    (["service", "environment"] as const).flatMap((field) => {
      const name = isJsonObject(given) ? member(given, field) : undefined;
      const to = field === "service" ? ["Service"] : ["Environment"];
      return typeof name === "string" ? [{ at: [...at, field], name, to }] : [];
    }),
});
