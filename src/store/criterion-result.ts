import { z } from "zod";
import type { Criterion } from "#core/criteria/criterion.ts";
import { criterionOutcomes, type CriterionJudgement } from "#core/criteria/judge-criterion.ts";
import type { DeploymentId } from "#core/id.ts";
import { parts, type Part } from "#core/plan/plan.ts";
import { instant, toTimestamp } from "./row.ts";
import { execute, query, sql, type Queryable } from "./sql.ts";

export interface StoredCriterionResult {
  readonly stage: string;
  readonly at: Temporal.Instant;
  readonly rule: Criterion;
  readonly judgement: CriterionJudgement;
}

/** What a page shows of a result; a value that is no number is stored as null, as JSON has none. */
const point = z.object({
  atSecond: z.number().nullable(),
  value: z.number().nullable(),
  weight: z.number().optional(),
});
const series = z.object({ labels: z.record(z.string(), z.string()), unit: z.string(), points: z.array(point) });
const span = z.object({ from: z.number(), until: z.number() });
const kept = z.object({
  rule: z.object({
    source: z.string(),
    query: z.string(),
    unit: z.string(),
    worse: z.enum(["higher", "lower"]),
    limit: z.number().nullable(),
    windowSeconds: z.number(),
    freshSeconds: z.number(),
  }),
  value: z.number().nullable(),
  bounds: z.array(
    z.object({ kind: z.string(), bound: z.number(), reference: z.number().nullable(), isBreached: z.boolean() }),
  ),
  newest: z.number().nullable(),
  span,
  series: z.array(series),
  compared: z.array(
    z.object({ as: z.enum(["control", "former-week"]), span, series: z.array(series), value: z.number().nullable() }),
  ),
});
const columns = z.object({
  stage: z.string(),
  criterion: z.string(),
  at: instant,
  outcome: z.enum(criterionOutcomes),
  code: z.string(),
  sentence: z.string(),
  detail: kept,
});
const row = columns.transform(({ detail, ...read }) => ({ ...read, ...detail }));
const ofRun = columns.extend({ part: z.enum(parts) }).transform(({ detail, ...read }) => ({ ...read, ...detail }));

export type CriterionResultView = z.output<typeof row>;
export type RunCriterionView = z.output<typeof ofRun>;

/** A step of a run. */
export interface CriterionStep {
  readonly run: string;
  readonly part: Part;
  readonly name: string;
}

/** In place of what stood for the criterion in the stage. */
export async function keepCriterionResults(
  client: Queryable,
  deployment: DeploymentId,
  results: readonly StoredCriterionResult[],
): Promise<void> {
  for (const { stage, at, rule, judgement } of results) {
    const { criterion, outcome, code, sentence, memory: _, ...judged } = judgement;
    await execute(
      client,
      sql`insert into criterion_result (deployment_id, stage, criterion, at, outcome, code, sentence, detail)
          values (${deployment}, ${stage}, ${criterion}, ${toTimestamp(at)}, ${outcome}, ${code}, ${sentence},
                  ${JSON.stringify({ rule, ...judged })})
          on conflict (deployment_id, stage, criterion) do update
          set at = excluded.at, outcome = excluded.outcome, code = excluded.code, sentence = excluded.sentence,
              detail = excluded.detail`,
    );
  }
}

/** In the order in which the stages began. */
export async function criterionResultsOf(
  client: Queryable,
  deployment: DeploymentId,
): Promise<readonly CriterionResultView[]> {
  return query(
    client,
    sql`select stage, criterion, at, outcome, code, sentence, detail from criterion_result r
        where deployment_id = ${deployment}
        order by min(at) over (partition by stage), stage, criterion`,
    row,
  );
}

/** In place of what stood for the criterion in the step. */
export async function keepRunCriteria(
  client: Queryable,
  step: CriterionStep,
  results: readonly StoredCriterionResult[],
): Promise<void> {
  for (const { at, rule, judgement } of results) {
    const { criterion, outcome, code, sentence, memory: _, ...judged } = judgement;
    await execute(
      client,
      sql`insert into plan_criterion_result (run_id, part, name, criterion, at, outcome, code, sentence, detail)
          values (${step.run}, ${step.part}, ${step.name}, ${criterion}, ${toTimestamp(at)}, ${outcome}, ${code},
                  ${sentence}, ${JSON.stringify({ rule, ...judged })})
          on conflict (run_id, part, name, criterion) do update
          set at = excluded.at, outcome = excluded.outcome, code = excluded.code, sentence = excluded.sentence,
              detail = excluded.detail`,
    );
  }
}

/** In the order in which the steps began. */
export async function runCriteriaOf(client: Queryable, run: string): Promise<readonly RunCriterionView[]> {
  return query(
    client,
    sql`select part, name as stage, criterion, at, outcome, code, sentence, detail from plan_criterion_result r
        where run_id = ${run}
        order by min(at) over (partition by part, name), part, name, criterion`,
    ofRun,
  );
}
