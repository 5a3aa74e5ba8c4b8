import { z } from "zod";
import type { ImportedRota, TeamSwap } from "#core/calendar/cover/team-cover.ts";
import { coverLimits, storedImports, storedSwaps } from "./cover.ts";
import { instant, toTimestamp, whole } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

export interface StoredMessage {
  readonly seq: number;
  readonly person: string;
  readonly run: string;
  readonly at: Temporal.Instant;
  readonly text: string;
}

/** For each person once per key; how many were told now. */
export async function insertMessages(
  client: Queryable,
  {
    key,
    run,
    at,
    text,
  }: { readonly key: string; readonly run: string; readonly at: Temporal.Instant; readonly text: string },
  persons: readonly string[],
): Promise<number> {
  return execute(
    client,
    sql`insert into plan_message (key, person, run_id, at, text)
        select ${key}, told.person, ${run}, ${toTimestamp(at)}, ${text} from unnest(${[...persons]}::text[]) told(person)
        on conflict (key, person) do nothing`,
  );
}

const row = z
  .object({ seq: whole, person: z.string(), run_id: z.string(), at: instant, text: z.string() })
  .transform(({ run_id: run, ...read }): StoredMessage => ({ ...read, run }));

/** Newest first, from below `before`. */
export async function messagesBefore(
  client: Queryable,
  person: string,
  before: number | null,
  limit: number,
): Promise<readonly StoredMessage[]> {
  return query(
    client,
    sql`select seq, person, run_id, at, text from plan_message
        where person = ${person} and (${before}::bigint is null or seq < ${before}) order by seq desc limit ${limit}`,
    row,
  );
}

const sources = z.object({ imported: storedImports, swaps: storedSwaps, any_import: z.boolean() });

/** What others say of the rotas of these teams at an instant: imports and swaps in force. */
export async function rotasOf(
  client: Queryable,
  teams: readonly string[],
  at: Temporal.Instant,
): Promise<{
  readonly imported: readonly ImportedRota[];
  readonly swaps: readonly TeamSwap[];
  readonly isAnyImported: boolean;
}> {
  const then = toTimestamp(at);
  const known = [...teams];
  const found = await queryOne(
    client,
    sql`select
      (select coalesce(jsonb_agg(jsonb_build_object('team', m.team, 'until', m.until, 'duties',
          (select coalesce(jsonb_agg(jsonb_build_object('person', d.person, 'from', d.from_at, 'to', d.to_at)), '[]')
            from rota_duty d where d.import_id = m.id and d.to_at > ${then} and d.from_at <= ${then}))), '[]')
        from (select * from rota_import i
          where i.team = any(${known}::text[]) and i.valid_from <= ${then} and (i.valid_to is null or i.valid_to > ${then})
          limit ${coverLimits.imports}) m) as imported,
      (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'team', s.team, 'person', s.person,
          'replaces', s.replaces, 'from', s.from_at, 'to', s.to_at)), '[]')
        from (select * from rota_swap w
          where w.team = any(${known}::text[]) and w.to_at > ${then} and w.from_at <= ${then}
            and w.valid_from <= ${then} and (w.valid_to is null or w.valid_to > ${then})
          limit ${coverLimits.swaps}) s) as swaps,
      exists (select from rota_import i where i.valid_from <= ${then} and (i.valid_to is null or i.valid_to > ${then}))
        as any_import`,
    sources,
  );
  return { imported: found?.imported ?? [], swaps: found?.swaps ?? [], isAnyImported: found?.any_import ?? false };
}
