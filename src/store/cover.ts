import { z } from "zod";
import type { Duty, Swap } from "#core/calendar/cover/rota.ts";
import type { ImportedRota, TeamSwap } from "#core/calendar/cover/team-cover.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Span } from "#core/span.ts";
import { deploymentColumns, parseDeployment, type StoredDeployment } from "./deployment.ts";
import { instant, toTimestamp } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable, type Statement } from "./sql.ts";

/** More than anybody keeps for the teams of one impact set; beyond it loading fails. */
export const coverLimits = { imports: 200, duties: 20_000, swaps: 2_000 } as const;

export interface RotaImport {
  readonly id: string;
  readonly team: string;
  /** Name of the system or file that said so. */
  readonly source: string;
  readonly duties: readonly Duty[];
  readonly until: Temporal.Instant;
}

/** Takes the place of the import of the same team and source that is in force. */
export async function importRota(client: Queryable, rota: RotaImport, at: Temporal.Instant, by: string): Promise<void> {
  const now = toTimestamp(at);
  await execute(
    client,
    sql`update rota_import set valid_to = greatest(valid_from, ${now}::timestamptz)
        where team = ${rota.team} and source = ${rota.source} and valid_to is null`,
  );
  await execute(
    client,
    sql`insert into rota_import (id, team, source, until, valid_from, imported_by)
        values (${rota.id}, ${rota.team}, ${rota.source}, ${toTimestamp(rota.until)}, ${now}, ${by})`,
  );
  const rows = rota.duties.map(({ person, from, to }) => ({ person, from: toTimestamp(from), to: toTimestamp(to) }));
  await execute(
    client,
    sql`insert into rota_duty (import_id, person, from_at, to_at)
        select ${rota.id}, r.person, r."from", r."to"
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(person text, "from" timestamptz, "to" timestamptz)`,
  );
}

export interface SwapEntry extends Omit<TeamSwap, "id"> {
  readonly id: string;
  readonly reason: string;
}

export async function insertSwap(client: Queryable, swap: SwapEntry, at: Temporal.Instant, by: string): Promise<void> {
  await execute(
    client,
    sql`insert into rota_swap (id, team, person, replaces, from_at, to_at, reason, made_by, valid_from)
        values (${swap.id}, ${swap.team}, ${swap.person}, ${swap.replaces}, ${toTimestamp(swap.from)},
                ${toTimestamp(swap.to)}, ${swap.reason}, ${by}, ${toTimestamp(at)})`,
  );
}

/** The swap in force of that id; null when there is none, or when it was withdrawn. */
export async function findSwap(client: Queryable, id: string): Promise<TeamSwap | null> {
  return queryOne(
    client,
    sql`select id, team, person, replaces, from_at as "from", to_at as "to" from rota_swap
        where id = ${id} and valid_to is null for update`,
    storedSwap,
  );
}

export async function withdrawSwap(client: Queryable, id: string, at: Temporal.Instant, by: string): Promise<void> {
  await execute(
    client,
    sql`update rota_swap set valid_to = greatest(valid_from, ${toTimestamp(at)}::timestamptz), withdrawn_by = ${by}
        where id = ${id} and valid_to is null`,
  );
}

const storedSwap = z.object({
  id: z.string(),
  team: z.string(),
  person: z.string().nullable(),
  replaces: z.string().nullable(),
  from: instant,
  to: instant,
}) satisfies z.ZodType<TeamSwap & Swap>;

const storedDuty = z.object({ person: z.string(), from: instant, to: instant });

/** The jsonb of `importsFor` and `swapsFor`. */
export const storedImports = z
  .array(z.object({ team: z.string(), until: instant, duties: z.array(storedDuty).max(coverLimits.duties) }))
  .max(coverLimits.imports) satisfies z.ZodType<readonly ImportedRota[]>;
export const storedSwaps = z.array(storedSwap).max(coverLimits.swaps);

/** Duties and swaps count as far as timelines look, and the longest run and stabilisation beyond. */
const beyondHorizon = { hours: 24 * 14 } as const;

/** Imports in force of the teams that would feel a failure of the service; without any, none is looked for. */
export function importsFor(service: string, span: Span): Statement {
  const at = toTimestamp(span.from);
  const to = toTimestamp(span.to.add(beyondHorizon));
  return sql`(select coalesce(jsonb_agg(jsonb_build_object('team', i.team, 'until', i.until, 'duties', i.duties)
        order by i.team, i.source), '[]') from (
      select m.team, m.source, m.until,
        (select coalesce(jsonb_agg(jsonb_build_object('person', d.person, 'from', d.from_at, 'to', d.to_at)
            order by d.from_at, d.person), '[]')
          from rota_duty d where d.import_id = m.id and d.to_at > ${at} and d.from_at < ${to}) as duties
      from rota_import m
      where m.valid_from <= ${at} and (m.valid_to is null or m.valid_to > ${at}) and m.team in ${teamsFeeling(service, at)}
      limit ${coverLimits.imports + 1}) i)`;
}

export function swapsFor(service: string, span: Span): Statement {
  const at = toTimestamp(span.from);
  const to = toTimestamp(span.to.add(beyondHorizon));
  return sql`(select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'team', s.team, 'person', s.person,
        'replaces', s.replaces, 'from', s.from_at, 'to', s.to_at) order by s.from_at, s.id), '[]') from (
      select * from rota_swap
      where to_at > ${at} and from_at < ${to} and valid_from <= ${at} and (valid_to is null or valid_to > ${at})
        and team in ${teamsFeeling(service, at)}
      limit ${coverLimits.swaps + 1}) s)`;
}

/** True when any team at all has an imported rota: then a team without one is one of which nobody knows. */
export function anyImport(at: Temporal.Instant): Statement {
  const then = toTimestamp(at);
  return sql`exists (select from rota_import m where m.valid_from <= ${then} and (m.valid_to is null or m.valid_to > ${then}))`;
}

/** Teams of the service and of those that depend on it; which edges count, the core says. */
function teamsFeeling(service: string, at: string): Statement {
  return sql`(select c.spec ->> 'team' from document c
      where c.kind = 'Service' and c.valid_from <= ${at} and (c.valid_to is null or c.valid_to > ${at})
        and (c.name = ${service}
          or c.spec -> 'dependsOn' @> jsonb_build_array(jsonb_build_object('service', ${service}::text))))`;
}

export interface PlannedDeployment {
  readonly deployment: StoredDeployment;
  readonly planned: Span;
}

const plannedRow = z.object({ planned_from: instant, planned_to: instant });

/** Work not begun on services whose failure the team would feel, in the order of its planned start. */
export async function plannedFelt(
  client: Queryable,
  team: string,
  limit: number,
): Promise<readonly PlannedDeployment[]> {
  return query(
    client,
    sql`select ${deploymentColumns}, b.planned_from, b.planned_to
        from deployment d join booking b on b.id = d.booking_id
        where d.state in ('waiting', 'queued') and d.service in (
          select c.name from document c where c.kind = 'Service' and c.valid_to is null and c.spec ->> 'team' = ${team}
          union
          select edge ->> 'service' from document c, jsonb_array_elements(coalesce(c.spec -> 'dependsOn', '[]')) edge
          where c.kind = 'Service' and c.valid_to is null and c.spec ->> 'team' = ${team})
        order by b.planned_from, d.id limit ${limit}`,
    (row) => {
      const { planned_from: from, planned_to: to } = plannedRow.parse(row);
      return { deployment: parseDeployment(row), planned: { from, to } };
    },
  );
}

/** The planned span of the booking of a deployment; null when there is none. */
export async function plannedOf(client: Queryable, id: DeploymentId): Promise<Span | null> {
  return queryOne(
    client,
    sql`select b.planned_from, b.planned_to from deployment d join booking b on b.id = d.booking_id where d.id = ${id}`,
    (row) => {
      const { planned_from: from, planned_to: to } = plannedRow.parse(row);
      return { from, to };
    },
  );
}
