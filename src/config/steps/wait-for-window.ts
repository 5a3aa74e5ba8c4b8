import { z } from "zod";
import { durationField, nameField, versionField } from "#config/fields.ts";
import { isJsonObject, itemsOf, member } from "#config/json.ts";
import { checked } from "#config/local-rule.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { readDuration } from "#config/time.ts";
import { changeActions, changeClasses } from "#core/catalog/scope.ts";
import { elapsedMs } from "#core/policy/say.ts";

/** More services in one window are several runs. */
const maxServices = 20;

/** Actions that bring a version of their own, so it has to be named. */
const bringing: readonly string[] = ["deploy", "fix-forward", "roll-back"];

export const waitForWindow = defineStepKind({
  field: "waitForWindow",
  summary:
    "Waits until the verdict on all these services there is allow, for as long as what comes behind needs. It costs nothing while it waits, is judged again when a fact changes, and ends as refused at its time-out.",
  schema: z
    .strictObject({
      environment: nameField("Where."),
      services: z
        .array(
          z.strictObject({
            service: nameField("Service that is touched."),
            version: versionField.optional().meta({ description: "The one that is live when left out." }),
          }),
        )
        .min(1)
        .max(maxServices)
        .meta({ description: "All of them have to be allowed together." }),
      action: z
        .enum(changeActions)
        .optional()
        .meta({ description: "What the rules take it for; `deploy` when left out." }),
      class: z.enum(changeClasses).optional().meta({ description: "`normal` when left out." }),
      needs: durationField(
        "How long it has to stay open. When left out: the longest way behind it with the way back, by what the steps took before or else by their time-outs.",
      ).optional(),
    })
    .superRefine(({ action, services }, context) => {
      if (!bringing.includes(action ?? "deploy")) return;
      for (const [index, { service, version }] of services.entries()) {
        if (version !== undefined) continue;
        const message = `To ${action ?? "deploy"} ${service} brings a version, and none is named.`;
        const remedy = "Name the version, or say what is done to the one that is live: config, flag, restart, migrate.";
        const params = { code: "missing-field", message, remedy };
        context.addIssue({ code: "custom", path: ["services", index], message, params });
      }
    }),
  references: (given, at) => {
    const environment = isJsonObject(given) ? member(given, "environment") : undefined;
    const services = isJsonObject(given) ? itemsOf(member(given, "services")) : [];
    return [
      ...(typeof environment === "string"
        ? [{ at: [...at, "environment"], name: environment, to: ["Environment"] }]
        : []),
      ...services.flatMap((item, index) => {
        const name = isJsonObject(item) ? member(item, "service") : undefined;
        return typeof name === "string" ? [{ at: [...at, "services", index, "service"], name, to: ["Service"] }] : [];
      }),
    ];
  },
  toAction: ({ environment, services, action, class: changeClass, needs }) => ({
    kind: "wait-for-window",
    environment,
    services: services.map(({ service, version }) => ({ service, version: version ?? null })),
    action: action ?? "deploy",
    class: changeClass ?? "normal",
    needsSeconds: needs === undefined ? null : Math.ceil(elapsedMs(checked(readDuration(needs))) / 1000),
  }),
});
