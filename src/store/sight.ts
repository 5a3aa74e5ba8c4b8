import { z } from "zod";
import type { DeploymentId } from "#core/id.ts";
import type { StageLook } from "#core/rollout/looks.ts";
import { deploymentId } from "./row.ts";
import { execute, query, sql, type Queryable } from "./sql.ts";
import type { Sample } from "./timeline.ts";

/** What one look at a version under way has brought: what its proxy counted, and what the judge made of it. */
export interface Sight {
  readonly deployment: DeploymentId;
  readonly samples: readonly Sample[];
  readonly looks: readonly StageLook[];
}

const abort = z.object({ id: deploymentId, abort_requested_by: z.string() });

/**
 * Keeps what was seen of many runs in three statements, whatever their number, and answers who has asked to abort which
 * of them. Counts of a second that is there already are written again; what was judged stays as it was judged.
 */
export async function keepSights(
  client: Queryable,
  sights: readonly Sight[],
): Promise<ReadonlyMap<DeploymentId, string>> {
  // In one order, so that two batches that share a run wait for each other instead of crossing.
  const ordered = sights.toSorted((a, b) => (a.deployment < b.deployment ? -1 : 1));
  await writeSamples(client, ordered);
  await writeLooks(client, ordered);
  const asked = await query(
    client,
    sql`select id, abort_requested_by from deployment
        where id = any(${ordered.map(({ deployment }) => deployment)}::text[]) and abort_requested_by is not null`,
    abort,
  );
  return new Map(asked.map(({ id, abort_requested_by: by }) => [id, by]));
}

async function writeSamples(client: Queryable, sights: readonly Sight[]): Promise<void> {
  const rows = sights.flatMap(({ deployment, samples }) => samples.map((each) => ({ deployment, ...each })));
  if (rows.length === 0) return;
  await execute(
    client,
    sql`insert into traffic_sample (deployment_id, second, arm, requests, errors, p95_ms)
        select s.deployment, s.second, s.arm, s.requests, s.errors, s.p95_ms
        from unnest(${rows.map((s) => s.deployment)}::text[], ${rows.map((s) => s.second)}::bigint[],
                    ${rows.map((s) => s.arm)}::text[], ${rows.map((s) => s.requests)}::integer[],
                    ${rows.map((s) => s.errors)}::integer[], ${rows.map((s) => s.p95Ms)}::real[])
          as s(deployment, second, arm, requests, errors, p95_ms)
        on conflict (deployment_id, second, arm)
        do update set requests = excluded.requests, errors = excluded.errors, p95_ms = excluded.p95_ms`,
  );
}

async function writeLooks(client: Queryable, sights: readonly Sight[]): Promise<void> {
  const rows = sights.flatMap(({ deployment, looks }) =>
    looks.map(({ second, ...look }) => ({ deployment, second, look })),
  );
  if (rows.length === 0) return;
  await execute(
    client,
    sql`insert into canary_look (deployment_id, second, look)
        select l.deployment, l.second, l.look
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as l(deployment text, second bigint, look jsonb)
        on conflict (deployment_id, second) do nothing`,
  );
}
