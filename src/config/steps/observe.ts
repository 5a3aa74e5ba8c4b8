import { z } from "zod";
import { durationField, listField, nameField } from "#config/fields.ts";
import { isJsonObject, itemsOf, member } from "#config/json.ts";
import { checked } from "#config/local-rule.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { placeReferences, versioned } from "#config/steps/versioned.ts";
import { readDuration } from "#config/time.ts";
import { elapsedMs } from "#core/policy/say.ts";

const mostRequests = 1_000_000;

export const observe = defineStepKind({
  field: "observe",
  summary:
    "Watches a version beside the one that is live, by the target's own counts and with the judge of every deployment, and by the criteria that it names. Worse is failed; so is what is not enough evidence when its time is over.",
  schema: z.strictObject({
    ...versioned,
    for: durationField("Watched at least this long, however good it looks."),
    atMost: durationField("Without enough evidence after this long it fails; below the time-out of the step."),
    requests: z
      .number()
      .int()
      .min(0)
      .max(mostRequests)
      .optional()
      .meta({ description: "Requests that the version must have served; 50 when left out." }),
    criteria: listField(
      nameField("Name of a Criteria document; its scope does not matter here."),
      "All of their criteria have to pass, as they stand when the step begins; the series are kept with the run.",
    ),
  }),
  references: (given, at) => [
    ...placeReferences(given, at),
    ...itemsOf(isJsonObject(given) ? member(given, "criteria") : undefined).flatMap((name, index) =>
      typeof name === "string" ? [{ at: [...at, "criteria", index], name, to: ["Criteria"] }] : [],
    ),
  ],
  toAction: ({ service, version, environment, for: least, atMost, requests, criteria }) => ({
    kind: "observe",
    service,
    version,
    environment,
    minSeconds: secondsOf(least),
    maxSeconds: secondsOf(atMost),
    minRequests: requests ?? 50,
    ...(criteria === undefined || criteria.length === 0 ? {} : { criteria }),
  }),
});

function secondsOf(duration: string): number {
  return Math.ceil(elapsedMs(checked(readDuration(duration))) / 1000);
}
