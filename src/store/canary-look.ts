import { z } from "zod";
import type { DeploymentId } from "#core/id.ts";
import { canaryMetrics } from "#core/rollout/judge.ts";
import type { StageLook } from "#core/rollout/looks.ts";
import { whole } from "./row.ts";
import { query, sql, type Queryable } from "./sql.ts";

const outcome = z.enum(["worse", "not-worse", "not-enough"]);
const look = z.object({
  outcome,
  metrics: z.array(
    z.object({
      metric: z.enum(canaryMetrics),
      outcome,
      evidence: z.number(),
      lower: z.number(),
      upper: z.number().nullable(),
      estimate: z.number().nullable(),
    }),
  ),
  canaryRequests: z.number(),
  furtherRequests: z.number().nullable(),
  holds: z.array(z.string()),
  percent: z.number(),
  stageRequests: z.number(),
  stageSeconds: z.number(),
});
const row = z.object({ second: whole, look }).transform(({ second, look: kept }): StageLook => ({ second, ...kept }));

/** In order; thinned out evenly to about `most`, with the newest of each stage always among them. */
export async function looksOf(
  client: Queryable,
  deployment: DeploymentId,
  most: number,
): Promise<readonly StageLook[]> {
  return query(
    client,
    sql`select second, look from (
          select second, look, row_number() over (order by second desc) - 1 as place, count(*) over () as total,
                 max(second) over (partition by look -> 'percent') as last
          from canary_look where deployment_id = ${deployment}) l
        where place % greatest(1, ceil(total::numeric / ${most}))::bigint = 0 or second = last
        order by second`,
    row,
  );
}
