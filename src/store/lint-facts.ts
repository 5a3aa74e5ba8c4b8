import type { Pool } from "pg";
import { z } from "zod";
import type { ImportedRota, TeamSwap } from "#core/calendar/cover/team-cover.ts";
import type { ExpectedDuration } from "#core/release/state.ts";
import type { Span } from "#core/span.ts";
import { coverLimits, storedImports, storedSwaps } from "./cover.ts";
import { expectedDurations, history, historyOf } from "./duration.ts";
import { toTimestamp } from "./row.ts";
import { query, queryOne, readSnapshot, sql, type Queryable } from "./sql.ts";

/** What a lint of the calendar wants to know beside the configuration, from one snapshot. */
export interface StoredLintFacts {
  /** Of every place asked about whose usual run is known, as facts of a verdict on it would have it. */
  readonly durations: readonly ExpectedDuration[];
  readonly imported: readonly ImportedRota[];
  readonly swaps: readonly TeamSwap[];
}

export interface LintPlaces {
  readonly services: readonly string[];
  readonly environments: readonly string[];
}

export type ReadLintFacts = (at: Temporal.Instant, between: Span, places: LintPlaces) => Promise<StoredLintFacts>;

/** Places with a history of their own that are looked at, by name; the others get the figure of their environment. */
const maxHistories = 2_000;

export function lintFactsOf(pool: Pool): ReadLintFacts {
  return (at, between, places) =>
    readSnapshot(pool, async (client) => ({
      durations: await durationsOf(client, at, places),
      ...(await rotasIn(client, at, between)),
    }));
}

const placeHistory = z.object({ environment: z.string(), service: z.string().nullable(), history });

/** One history for each place that had a run, and one for each environment. */
async function durationsOf(
  client: Queryable,
  at: Temporal.Instant,
  { services, environments }: LintPlaces,
): Promise<readonly ExpectedDuration[]> {
  const now = toTimestamp(at);
  const histories = await query(
    client,
    sql`select p.environment, p.service, ${historyOf(sql`d.environment = p.environment and d.service = coalesce(p.service, d.service)`, now)} as history
        from (select environment, null as service from deployment where ended_at <= ${now} group by environment
          union all
          (select environment, service from deployment where ended_at <= ${now}
            group by environment, service order by environment, service limit ${maxHistories})) p`,
    placeHistory,
  );
  const known = new Map(histories.map((row) => [JSON.stringify([row.environment, row.service]), row.history]));
  return environments.flatMap((environment) =>
    services.flatMap((service) => {
      const own = known.get(JSON.stringify([environment, service]));
      const there = known.get(JSON.stringify([environment, null]));
      return expectedDurations(
        { service, environment },
        [own, there].filter((one) => one !== undefined),
      );
    }),
  );
}

const rotas = z.object({ imported: storedImports, swaps: storedSwaps });

async function rotasIn(
  client: Queryable,
  at: Temporal.Instant,
  between: Span,
): Promise<Pick<StoredLintFacts, "imported" | "swaps">> {
  const [now, from, to] = [toTimestamp(at), toTimestamp(between.from), toTimestamp(between.to)];
  const found = await queryOne(
    client,
    sql`select
      (select coalesce(jsonb_agg(jsonb_build_object('team', m.team, 'until', m.until, 'duties',
          (select coalesce(jsonb_agg(jsonb_build_object('person', d.person, 'from', d.from_at, 'to', d.to_at)
              order by d.from_at, d.person), '[]')
            from rota_duty d where d.import_id = m.id and d.to_at > ${from} and d.from_at < ${to})) order by m.team, m.source), '[]')
        from (select * from rota_import where valid_from <= ${now} and (valid_to is null or valid_to > ${now})
          order by team, source limit ${coverLimits.imports}) m) as imported,
      (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'team', s.team, 'person', s.person, 'replaces', s.replaces,
          'from', s.from_at, 'to', s.to_at) order by s.from_at, s.id), '[]')
        from (select * from rota_swap where to_at > ${from} and from_at < ${to} and valid_from <= ${now}
          and (valid_to is null or valid_to > ${now}) order by from_at, id limit ${coverLimits.swaps}) s) as swaps`,
    rotas,
  );
  return found ?? { imported: [], swaps: [] };
}
