import { z } from "zod";
import { action, entityName, givenInstant, instant, version } from "#contract/common.ts";
import { run } from "#contract/plan.ts";
import { defineRoute } from "#contract/route.ts";

const byPlan = z.strictObject({ name: entityName });

export const wavePlan = z
  .strictObject({
    name: z.string(),
    /** Digest of the document. */
    version: z.string(),
    owner: z.string(),
    summary: z.string(),
    service: z.string(),
    regions: z.array(z.strictObject({ name: z.string(), environments: z.array(z.string()) })),
    /** Targets of the first waves; null: as the risk asks. */
    growth: z.array(z.int()).nullable(),
    /** Seconds. */
    soak: z.int(),
    /** Whether a soak counts only while signals say that the service is well there, or each deployment judges itself. */
    health: z.enum(["reported", "own-checks"]),
    /** Somebody of this person, team or role has to be present; null: nobody. */
    overseer: z.string().nullable(),
    /** Seconds from the first change to the last at most; null: no limit. */
    mixLimit: z.int().nullable(),
    whenFailed: z.enum(["take-back", "stay"]),
  })
  .meta({ id: "WavePlan" });

const question = {
  version,
  /** That of the service when left out. */
  risk: z.enum(["low", "high"]).nullable().default(null),
  /** The regions in another order than the plan's, each once. */
  order: z.array(z.string().min(1).max(100)).max(50).nullable().default(null),
  /** No target goes before. */
  notBefore: givenInstant.nullable().default(null),
};

export const waveForecast = z
  .strictObject({
    plan: wavePlan,
    version: z.string(),
    risk: z.enum(["low", "high"]),
    at: instant,
    fits: z.boolean(),
    /** One sentence: when it ends, or why it does not fit and what would. */
    headline: z.string(),
    waves: z.array(
      z.strictObject({
        region: z.string(),
        targets: z.array(
          z.strictObject({
            environment: z.string(),
            zone: z.string(),
            /** Expected; null where the whole has no schedule. */
            from: instant.nullable(),
            to: instant.nullable(),
            /** When it is open for this, by every rule that asks for a time and not for a deed; the first from now on. */
            openings: z.array(z.strictObject({ from: instant, to: instant })),
          }),
        ),
      }),
    ),
    /** Seconds for which old and new run beside each other; null: there is no schedule. */
    mix: z.int().nullable(),
    /** Orders of the regions that keep the limit, the earliest end first. */
    offers: z.array(z.strictObject({ order: z.array(z.string()), ends: instant, mix: z.int() })),
    /** What stands in the way of the target that has no opening. */
    obstacles: z.array(z.string()),
    /** Whether the viewer may begin them now. */
    actions: z.array(action),
  })
  .meta({ id: "WaveForecast" });

export const listWavePlans = defineRoute({
  method: "get",
  path: "/v1/wave-plans",
  operation: "listWavePlans",
  tag: "waves",
  summary: "Plans that take a service round the world in waves, by name",
  permission: "organisation.read",
  answers: { 200: z.strictObject({ items: z.array(wavePlan) }) },
});

export const forecastWaves = defineRoute({
  method: "post",
  path: "/v1/wave-plans/:name/forecast",
  operation: "forecastWaves",
  tag: "waves",
  summary: "When the waves of a plan would go, or orders in which they would fit; nothing is begun",
  permission: "verdict.ask",
  params: byPlan,
  body: z.strictObject(question),
  answers: { 200: waveForecast },
  problems: ["no-such-wave-plan", "no-such-service", "no-such-environment", "bad-order"],
  idempotent: false,
});

export const startWaves = defineRoute({
  method: "post",
  path: "/v1/wave-plans/:name/runs",
  operation: "startWaves",
  tag: "waves",
  summary: "Begin the waves of a plan as a run; what does not fit is refused with what would",
  permission: "run.start",
  params: byPlan,
  body: z.strictObject({
    ...question,
    reason: z.string().min(1).max(2000),
    /** Who answers for it; yourself when left out. */
    owner: entityName.nullable().default(null),
  }),
  answers: { 201: run },
  problems: [
    "no-such-wave-plan",
    "no-such-service",
    "no-such-environment",
    "bad-order",
    "waves-do-not-fit",
    "no-such-person",
    "too-many-runs",
  ],
});
