import { z } from "zod";
import { textField } from "#config/fields.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";

export const http = defineStepKind({
  field: "http",
  summary:
    "Posts a signed message to an address that somebody has registered for callbacks. It carries the key of the step: the receiver acts once per key.",
  schema: z.strictObject({
    url: textField("At or below a registered address."),
    body: z
      .record(z.string().min(1).max(100), z.union([z.string().max(2000), z.number(), z.boolean(), z.null()]))
      .optional()
      .meta({ description: "Sent along as `input`." }),
  }),
  toAction: ({ url, body }) => ({ kind: "http", url, body: body ?? {} }),
});
