import { z } from "zod";
import { durationField, listField, nameField, textField } from "#config/fields.ts";
import { isJsonObject, itemsOf, member } from "#config/json.ts";
import { checked } from "#config/local-rule.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { readDuration } from "#config/time.ts";
import { elapsedMs } from "#core/policy/say.ts";

const place = {
  service: nameField("Name of a Service."),
  environment: nameField("Name of an Environment."),
};

export const preflight = defineStepKind({
  field: "preflight",
  summary:
    "A checklist just before something is touched. Each target has to answer, be healthy, and run what is on record; each path has to be open, with a certificate that does not end soon; each report has to be there, good and fresh; a person answers for the items. Unknown is no go.",
  schema: z
    .strictObject({
      targets: listField(z.strictObject(place), "Looked at by the worker that would act there."),
      paths: listField(
        nameField("Name of a path in the configuration of the agent."),
        "Connections that the agent opens from where it acts.",
      ),
      reports: listField(
        z.strictObject({
          name: nameField("What it is about: backup, certificate."),
          ...place,
          source: nameField("Who reports it, as a signal of the service there."),
          within: durationField("No older than that."),
        }),
        "What others have to have reported.",
      ),
      who: nameField("Person, team or role that answers for the items.").optional(),
      items: listField(
        z.strictObject({ name: nameField("Name in the answer."), ask: textField("What has to be so.") }),
        "What a person has to see, each with an address of the evidence.",
      ),
    })
    .superRefine(({ targets, paths, reports, who, items }, context) => {
      const isEmpty = [targets, paths, reports, items].every((list) => (list ?? []).length === 0);
      const message = isEmpty
        ? "The checklist is empty."
        : (who === undefined) !== ((items ?? []).length === 0)
          ? "Items need somebody who answers for them, and whoever answers needs items."
          : null;
      if (message === null) return;
      const remedy = isEmpty ? "Name targets, paths, reports or items." : "Give both who and items, or neither.";
      context.addIssue({ code: "custom", path: [], message, params: { code: "missing-field", message, remedy } });
    }),
  references: (given, at) =>
    (["targets", "reports"] as const).flatMap((list) =>
      itemsOf(isJsonObject(given) ? member(given, list) : undefined).flatMap((item, index) =>
        (["service", "environment"] as const).flatMap((field) => {
          const name = isJsonObject(item) ? member(item, field) : undefined;
          const to = field === "service" ? ["Service"] : ["Environment"];
          return typeof name === "string" ? [{ at: [...at, list, index, field], name, to }] : [];
        }),
      ),
    ),
  toAction: ({ targets, paths, reports, who, items }) => ({
    kind: "preflight",
    targets: targets ?? [],
    ...(paths === undefined ? {} : { paths }),
    reports: (reports ?? []).map(({ within, ...report }) => ({
      ...report,
      maxAgeSeconds: Math.ceil(elapsedMs(checked(readDuration(within))) / 1000),
    })),
    who: who ?? null,
    items: items ?? [],
  }),
});
