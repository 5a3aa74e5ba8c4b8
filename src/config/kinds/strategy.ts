import { z } from "zod";
import { itemsOf, type JsonObject, member } from "#config/json.ts";
import { defineKind } from "#config/kind.ts";
import type { FieldProblem } from "#config/problem.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { defaultStrategy, type Strategy } from "#core/rollout/strategy.ts";

/** A stage is watched for a day at most: what needs longer is a soak between environments. */
const maxStageSeconds = 24 * 60 * 60;

const stage = z.strictObject({
  percent: z.number().gt(0).max(100).meta({ description: "Share of live traffic in per cent." }),
  minSeconds: z.number().int().min(0).max(maxStageSeconds).meta({ description: "Watched at least this long." }),
  maxSeconds: z.number().int().min(1).max(maxStageSeconds).meta({
    description: "Without enough evidence after this long the run holds and asks a person.",
  }),
  minRequests: z.number().int().min(0).max(1_000_000_000).meta({
    description: "Requests the new version must have served before the stage can pass.",
  }),
});

export const strategy = defineKind({
  kind: "Strategy",
  summary: `How a version gets its traffic: stages of rising share, each watched before the next. Where none matches, ${defaultStrategy.name} applies: ${defaultStrategy.stages.map(({ percent }) => percent).join(", ")} %.`,
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
    stages: z.array(stage).min(1).max(20).meta({ description: "In order; shares rise and the last is 100." }),
  }),
  references: () => [],
  check: stageProblems,
  whyMandatory: { scope: "Say what the strategy is about; scope: {} is everything." },
  toDomain: (name, spec): Strategy => ({
    name,
    scope: toScope(spec.scope),
    priority: spec.priority ?? 0,
    stages: spec.stages,
  }),
});

function stageProblems(spec: JsonObject): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const stages = itemsOf(member(spec, "stages"));
  let before = 0;
  for (const [index, item] of stages.entries()) {
    const at = ["spec", "stages", index];
    const percent = member(item, "percent");
    const [least, most] = [member(item, "minSeconds"), member(item, "maxSeconds")];
    if (typeof percent === "number" && percent <= before) {
      const message = `The share ${percent} % is not above the ${before} % before it.`;
      problems.push({ at: [...at, "percent"], code: "wrong-order", message, remedy: "Let the shares rise." });
    }
    if (typeof percent === "number" && index === stages.length - 1 && percent !== 100) {
      const message = `The last stage has ${percent} %, so the rollout never ends.`;
      problems.push({ at: [...at, "percent"], code: "bad-value", message, remedy: "End with percent: 100." });
    }
    if (typeof least === "number" && typeof most === "number" && most < least) {
      const message = "maxSeconds is less than minSeconds.";
      problems.push({ at: [...at, "maxSeconds"], code: "wrong-order", message, remedy: "Give the stage more time." });
    }
    before = typeof percent === "number" ? percent : before;
  }
  return problems;
}
