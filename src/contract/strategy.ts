import { z } from "zod";
import { entityName } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

/** A domain list of its own: the wire does not change when the core gets another method before a client knows it. */
const method = z.enum(["canary", "blue-green", "rolling", "replica-switch-over", "stop-start"]);

const weight = z.strictObject({
  /** Above 0: it speaks for the method; below: against it. */
  points: z.int(),
  sentence: z.string(),
});

const exclusion = z.strictObject({
  code: z.string(),
  sentence: z.string(),
  /** Imperative: what somebody can do about it. */
  remedy: z.string(),
});

export const strategyChoice = z
  .strictObject({
    service: z.string(),
    environment: z.string(),
    /** The strategy that applies to a deployment of the class. */
    inForce: z.strictObject({
      name: z.string(),
      method,
      /** Shares of the stages in per cent. */
      stages: z.array(z.number()),
      /** No document matches: it is the one that applies where none does. */
      isDefault: z.boolean(),
      /** It is excluded, and requests are denied until somebody changes it. */
      isExcluded: z.boolean(),
    }),
    /** Best first. */
    ranked: z.array(
      z.strictObject({
        method,
        title: z.string(),
        summary: z.string(),
        points: z.int(),
        weights: z.array(weight),
        /** Deployments of before that speak against it. */
        cites: z.array(z.string()),
      }),
    ),
    excluded: z.array(z.strictObject({ method, title: z.string(), summary: z.string(), reasons: z.array(exclusion) })),
    /** Driver of the proxy there; null: it did not tell what it can do, and the preflight asks again. */
    driver: z.string().nullable(),
  })
  .meta({ id: "StrategyChoice" });

export const chooseStrategy = defineRoute({
  method: "get",
  path: "/v1/strategies",
  operation: "chooseStrategy",
  tag: "rollout",
  summary:
    "The ways in which a version of the service can come to its users there, ranked, and why others are excluded",
  permission: "organisation.read",
  query: z.strictObject({
    service: entityName,
    environment: entityName,
    class: z.enum(["standard", "normal", "emergency"]).default("normal"),
  }),
  answers: { 200: strategyChoice },
  problems: ["no-such-service", "no-such-environment"],
});
