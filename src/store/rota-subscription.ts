import { z } from "zod";
import type { Rota, RotaSubscription } from "#core/calendar/cover/rota.ts";
import { organisationInForce, type OrganisationCache } from "./organisation.ts";
import { instant, toTimestamp, toTimestampOrNull, whole } from "./row.ts";
import { execute, query, sql, type Queryable } from "./sql.ts";

/*
 * Rotas that subscribe to a calendar: what they declare, the last good state of each, and how the last attempt went.
 */

export interface StoredSubscription {
  readonly rota: string;
  readonly team: string;
  readonly settings: string;
  readonly digest: string | null;
  readonly etag: string | null;
  readonly importedAt: Temporal.Instant | null;
  readonly expandedTo: Temporal.Instant | null;
  readonly attemptedAt: Temporal.Instant;
  readonly nextAt: Temporal.Instant;
  readonly failure: string | null;
  readonly failingSince: Temporal.Instant | null;
}

const subscriptionRow = z
  .object({
    rota: z.string(),
    team: z.string(),
    settings: z.string(),
    digest: z.string().nullable(),
    etag: z.string().nullable(),
    imported_at: instant.nullable(),
    expanded_to: instant.nullable(),
    attempted_at: instant,
    next_at: instant,
    failure: z.string().nullable(),
    failing_since: instant.nullable(),
  })
  .transform((row) => ({
    rota: row.rota,
    team: row.team,
    settings: row.settings,
    digest: row.digest,
    etag: row.etag,
    importedAt: row.imported_at,
    expandedTo: row.expanded_to,
    attemptedAt: row.attempted_at,
    nextAt: row.next_at,
    failure: row.failure,
    failingSince: row.failing_since,
  })) satisfies z.ZodType<StoredSubscription>;

export async function subscriptions(client: Queryable): Promise<readonly StoredSubscription[]> {
  return query(client, sql`select * from rota_subscription order by rota`, subscriptionRow);
}

export interface DeclaredSubscription extends Pick<Rota, "name" | "team"> {
  readonly subscription: RotaSubscription;
}

/** The rotas of the configuration in force that name an address. */
export async function subscribed(
  client: Queryable,
  organisations: OrganisationCache,
): Promise<readonly DeclaredSubscription[]> {
  const { rotas } = await organisationInForce(client, organisations);
  return rotas.flatMap(({ name, team, subscription }) => (subscription === null ? [] : [{ name, team, subscription }]));
}

export async function saveSubscription(client: Queryable, state: StoredSubscription): Promise<void> {
  await execute(
    client,
    sql`insert into rota_subscription
          (rota, team, settings, digest, etag, imported_at, expanded_to, attempted_at, next_at, failure, failing_since)
        values (${state.rota}, ${state.team}, ${state.settings}, ${state.digest}, ${state.etag},
                ${toTimestampOrNull(state.importedAt)}, ${toTimestampOrNull(state.expandedTo)},
                ${toTimestamp(state.attemptedAt)}, ${toTimestamp(state.nextAt)}, ${state.failure},
                ${toTimestampOrNull(state.failingSince)})
        on conflict (rota) do update set
          team = excluded.team, settings = excluded.settings, digest = excluded.digest, etag = excluded.etag,
          imported_at = excluded.imported_at, expanded_to = excluded.expanded_to,
          attempted_at = excluded.attempted_at, next_at = excluded.next_at, failure = excluded.failure,
          failing_since = excluded.failing_since`,
  );
}

export async function forgetSubscription(client: Queryable, rota: string): Promise<void> {
  await execute(client, sql`delete from rota_subscription where rota = ${rota}`);
}

/** True when there was one in force. */
export async function endImports(
  client: Queryable,
  source: string,
  exceptTeam: string | null,
  at: Temporal.Instant,
): Promise<boolean> {
  const ended = await query(
    client,
    sql`update rota_import set valid_to = greatest(valid_from, ${toTimestamp(at)}::timestamptz)
        where source = ${source} and valid_to is null and team is distinct from ${exceptTeam}::text
        returning id`,
    z.object({ id: z.string() }),
  );
  return ended.length > 0;
}

const importRow = z.object({
  team: z.string(),
  source: z.string(),
  importedAt: instant,
  importedBy: z.string(),
  until: instant,
  duties: whole,
});

export type StoredImport = z.output<typeof importRow>;

export async function importsInForce(client: Queryable, limit: number): Promise<readonly StoredImport[]> {
  return query(
    client,
    sql`select i.team, i.source, i.valid_from as "importedAt", i.imported_by as "importedBy", i.until,
          (select count(*) from rota_duty d where d.import_id = i.id) as duties
        from rota_import i where i.valid_to is null order by i.team, i.source limit ${limit}`,
    importRow,
  );
}
