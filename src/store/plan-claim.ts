import { z } from "zod";
import { parts, type Part } from "#core/plan/plan.ts";
import { toTimestamp, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

/** A step that uses resources, or waits for them. */
export interface StoredClaim {
  readonly key: string;
  readonly step: { readonly run: string; readonly part: Part; readonly name: string };
  readonly uses: readonly { readonly resource: string; readonly units: number }[];
  readonly priority: number;
  readonly seq: number;
  readonly isHeld: boolean;
}

type StepId = StoredClaim["step"];

const row = z
  .object({
    run_id: z.string(),
    part: z.enum(parts),
    name: z.string(),
    uses: z.array(z.object({ resource: z.string(), units: whole })),
    priority: whole,
    seq: whole,
    is_held: z.boolean(),
  })
  .transform(({ run_id: run, part, name, is_held: isHeld, ...read }): StoredClaim => ({
    key: `${run}:${part}:${name}`,
    step: { run, part, name },
    ...read,
    isHeld,
  }));

export async function insertClaims(
  client: Queryable,
  step: StepId,
  uses: StoredClaim["uses"],
  priority: number,
  at: Temporal.Instant,
): Promise<void> {
  for (const { resource, units } of uses) {
    await execute(
      client,
      sql`insert into plan_claim (run_id, part, name, resource, units, priority, asked_at)
          values (${step.run}, ${step.part}, ${step.name}, ${resource}, ${units}, ${priority}, ${toTimestamp(at)})`,
    );
  }
}

/**
 * Writes the row of each resource, so that of two transactions that look at a queue one meets a conflict (40001) and
 * looks again: no grant is given twice, and no end is overlooked.
 */
export async function lockResources(client: Queryable, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await execute(
      client,
      sql`insert into plan_resource (name) values (${name})
          on conflict (name) do update set revision = plan_resource.revision + 1`,
    );
  }
}

/** Every step that uses or waits for one of these, with all that it uses. */
export async function openClaims(client: Queryable, resources: readonly string[]): Promise<readonly StoredClaim[]> {
  return query(
    client,
    sql`select run_id, part, name, min(seq) as seq, min(priority) as priority, bool_and(held_at is not null) as is_held,
               jsonb_agg(jsonb_build_object('resource', resource, 'units', units) order by resource) as uses
        from plan_claim c where released_at is null and exists (
          select from plan_claim o where o.released_at is null and o.resource = any(${resources})
            and (o.run_id, o.part, o.name) = (c.run_id, c.part, c.name))
        group by run_id, part, name order by min(seq)`,
    row,
  );
}

/** All that the step uses is its own from now on, each under the next fencing number of the resource. */
export async function holdClaims(client: Queryable, step: StepId, at: Temporal.Instant): Promise<void> {
  await execute(
    client,
    sql`with own as (
          select resource from plan_claim where run_id = ${step.run} and part = ${step.part} and name = ${step.name}
            and released_at is null and held_at is null),
        fenced as (
          update plan_resource r set fence = r.fence + 1 from own where r.name = own.resource returning r.name, r.fence)
        update plan_claim c set held_at = ${toTimestamp(at)}, fence = fenced.fence from fenced
          where c.resource = fenced.name and run_id = ${step.run} and part = ${step.part} and c.name = ${step.name}
            and released_at is null`,
  );
}

export async function releaseClaims(client: Queryable, step: StepId, at: Temporal.Instant): Promise<void> {
  await execute(
    client,
    sql`update plan_claim set released_at = ${toTimestamp(at)}
        where run_id = ${step.run} and part = ${step.part} and name = ${step.name} and released_at is null`,
  );
}

export async function holdsClaims(client: Queryable, step: StepId): Promise<boolean> {
  const found = await queryOne(
    client,
    sql`select coalesce(bool_and(held_at is not null), false) as held from plan_claim
        where run_id = ${step.run} and part = ${step.part} and name = ${step.name} and released_at is null`,
    z.object({ held: z.boolean() }),
  );
  return found?.held ?? false;
}

/** What the step uses or waits for. */
export async function claimedResources(client: Queryable, step: StepId): Promise<readonly string[]> {
  const found = await query(
    client,
    sql`select resource from plan_claim where run_id = ${step.run} and part = ${step.part} and name = ${step.name}
          and released_at is null order by resource`,
    z.object({ resource: z.string() }),
  );
  return found.map(({ resource }) => resource);
}

/** The fencing numbers under which the step holds what it uses, by resource. */
export async function fencesOf(client: Queryable, step: StepId): Promise<ReadonlyMap<string, number>> {
  const found = await query(
    client,
    sql`select resource, fence from plan_claim where run_id = ${step.run} and part = ${step.part} and name = ${step.name}
          and released_at is null and held_at is not null order by resource`,
    z.object({ resource: z.string(), fence: whole }),
  );
  return new Map(found.map(({ resource, fence }) => [resource, fence]));
}

/** The lowest number under which anybody holds each of these now. */
export async function floorsOf(client: Queryable, resources: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const found = await query(
    client,
    sql`select resource, min(fence) as floor from plan_claim
        where resource = any(${resources}) and released_at is null and held_at is not null
        group by resource order by resource`,
    z.object({ resource: z.string(), floor: whole }),
  );
  return new Map(found.map(({ resource, floor }) => [resource, floor]));
}

/** How long a step of this name has taken in the runs of this runbook that have ended well: the tenth and the ninetieth hundredth, in seconds. */
export async function usualSeconds(
  client: Queryable,
  step: StepId,
): Promise<{ readonly least: number; readonly most: number } | null> {
  return queryOne(
    client,
    sql`select round(percentile_cont(0.1) within group (order by took))::int as least,
               round(percentile_cont(0.9) within group (order by took))::int as most
        from (select extract(epoch from s.ended_at - s.begun_at) as took
              from plan_step s join plan_run r on r.id = s.run_id
              where r.runbook = (select runbook from plan_run where id = ${step.run})
                and s.part = ${step.part} and s.name = ${step.name} and s.state = 'done'
              order by s.ended_at desc limit 50) recent
        having count(*) >= 3`,
    z.object({ least: whole, most: whole }),
  );
}
