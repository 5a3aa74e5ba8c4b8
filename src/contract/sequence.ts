import { z } from "zod";
import { entityName, instant } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

const release = z.strictObject({
  name: z.string(),
  service: z.string(),
  /** Semver range; null: any version. */
  versions: z.string().nullable(),
  after: z.array(z.string()),
  /** ISO 8601. */
  soak: z.string(),
});

export const sequence = z
  .strictObject({
    name: z.string(),
    owner: z.string(),
    /** Names with wildcards. */
    environments: z.array(z.string()),
    releases: z.array(release),
  })
  .meta({ id: "Sequence" });

export const sequenceForecast = z
  .strictObject({
    sequence: z.string(),
    environment: z.string(),
    at: instant,
    releases: z.array(
      z.strictObject({
        ...release.shape,
        state: z.enum(["ready", "soaking", "booked", "back", "missing"]),
        /** Live since, or expected to be; where nothing is booked, a deployment as soon as it may begin. */
        liveAt: instant,
        /** When what comes after it may begin. */
        readyAt: instant,
        /** The end of the sequence moves when this moves. */
        isCritical: z.boolean(),
      }),
    ),
  })
  .meta({ id: "SequenceForecast" });

export const listSequences = defineRoute({
  method: "get",
  path: "/v1/sequences",
  operation: "listSequences",
  tag: "plan",
  summary: "Orders of releases of several services, by name",
  permission: "organisation.read",
  answers: { 200: z.strictObject({ items: z.array(sequence) }) },
});

export const forecastSequence = defineRoute({
  method: "get",
  path: "/v1/sequences/:name/forecast",
  operation: "forecastSequence",
  tag: "plan",
  summary: "How each release of a sequence stands in an environment, when it would be ready, and what is critical",
  permission: "deployment.read",
  params: z.strictObject({ name: entityName }),
  query: z.strictObject({ environment: entityName }),
  answers: { 200: sequenceForecast },
  problems: ["no-such-sequence", "no-such-environment", "sequence-not-there"],
});
