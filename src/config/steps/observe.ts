import { z } from "zod";
import { durationField } from "#config/fields.ts";
import { checked } from "#config/local-rule.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { placeReferences, versioned } from "#config/steps/versioned.ts";
import { readDuration } from "#config/time.ts";
import { elapsedMs } from "#core/policy/say.ts";

const mostRequests = 1_000_000;

export const observe = defineStepKind({
  field: "observe",
  summary:
    "Watches a version beside the one that is live, by the target's own counts and with the judge of every deployment. Worse is failed; so is what is not enough evidence when its time is over.",
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
  }),
  references: placeReferences,
  toAction: ({ service, version, environment, for: least, atMost, requests }) => ({
    kind: "observe",
    service,
    version,
    environment,
    minSeconds: secondsOf(least),
    maxSeconds: secondsOf(atMost),
    minRequests: requests ?? 50,
  }),
});

function secondsOf(duration: string): number {
  return Math.ceil(elapsedMs(checked(readDuration(duration))) / 1000);
}
