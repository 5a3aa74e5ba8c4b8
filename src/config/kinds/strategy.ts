import { z } from "zod";
import { nameField } from "#config/fields.ts";
import { defineKind } from "#config/kind.ts";
import { said } from "#config/rollout-fields.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { strategyProblems } from "#config/strategy-problems.ts";
import {
  atLimits,
  defaultHoldSeconds,
  defaultSessions,
  defaultStrategy,
  methodIds,
  type Strategy,
} from "#core/rollout/strategy.ts";

/** A stage is watched for a day at most: what needs longer is a soak between environments. */
const maxStageSeconds = 24 * 60 * 60;
/** The agent keeps counts for a quarter of an hour: what is silent for longer cannot be told from what has ended. */
const longestIdle = 840;
/** The environment belongs to the run for as long as the old colour is kept. */
const longestHold = 4 * 60 * 60;

const stage = z.strictObject({
  percent: z.number().min(0).max(100).meta({
    description: "Share of live traffic in per cent; 0 only in the first stage of a canary with a cohort.",
  }),
  minSeconds: z.number().int().min(0).max(maxStageSeconds).meta({ description: "Watched at least this long." }),
  maxSeconds: z.number().int().min(1).max(maxStageSeconds).meta({
    description: "Without enough evidence after this long the run holds and asks a person.",
  }),
  minRequests: z.number().int().min(0).max(1_000_000_000).meta({
    description: "Requests the new version must have served before the stage can pass. Only a canary waits for them.",
  }),
});

const sessions = z.strictObject({
  idleSeconds: z.number().int().min(1).max(longestIdle).meta({
    description: "A session that was silent for this long has ended.",
  }),
  drainSeconds: z.number().int().min(1).max(longestHold).meta({
    description: "Sessions of the old colour are waited for up to this long after the cut-over.",
  }),
  atLimit: z.enum(atLimits).optional().meta({
    description:
      "What becomes of sessions that live longer. `hold`, when left out: none is ended; the old colour runs on until they have ended, and people are asked every `drainSeconds`. `end`: they are ended, counted and on record.",
  }),
});

export const strategy = defineKind({
  kind: "Strategy",
  summary: `How a version gets its traffic: stages of rising share, each watched before the next. Where none matches, ${defaultStrategy.name} applies: ${defaultStrategy.stages.map(({ percent }) => percent).join(", ")} %. What goes back goes at once where the one in force names no actions.`,
  example: `kind: Strategy
metadata: { name: careful }
spec:
  scope: { tiers: [0] }
  priority: 10
  stages:
    - { percent: 5, minSeconds: 300, maxSeconds: 1800, minRequests: 500 }
    - { percent: 50, minSeconds: 300, maxSeconds: 1800, minRequests: 500 }
    - { percent: 100, minSeconds: 60, maxSeconds: 900, minRequests: 0 }`,
  schema: z.strictObject({
    scope: scopeField,
    priority: z.number().int().min(-1000).max(1000).optional().meta({ description: "Highest first; 0 when left out." }),
    method: z.enum(methodIds).optional().meta({
      description:
        "How the version comes to its users; `canary` when left out. A method that the service or the place excludes is denied before anything runs.",
    }),
    cohort: nameField(
      "Canary: requests of this cohort go to the new version from the first stage on, whatever its share.",
    ).optional(),
    sessions: sessions.optional().meta({
      description: `Blue-green: how sessions of the old colour end; ${defaultSessions.idleSeconds} and ${defaultSessions.drainSeconds} s when left out.`,
    }),
    holdSeconds: z
      .number()
      .int()
      .min(0)
      .max(longestHold)
      .optional()
      .meta({
        description: `Blue-green: the old colour stays at hand this long after the cut-over; ${defaultHoldSeconds} when left out.`,
      }),
    stages: z.array(stage).min(1).max(20).meta({ description: "In order; shares rise and the last is 100." }),
  }),
  references: () => [],
  check: strategyProblems,
  whyMandatory: { scope: "Say what the strategy is about; scope: {} is everything." },
  toDomain: (name, { scope, priority, stages, ...rest }): Strategy => ({
    name,
    scope: toScope(scope),
    priority: priority ?? 0,
    stages,
    ...said(rest),
  }),
});
