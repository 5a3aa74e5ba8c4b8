import { z } from "zod";
import type { ServicePlace } from "#core/catalog/place.ts";
import type { DeploymentId } from "#core/id.ts";
import { deploymentId, instant, toTimestamp } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

const current = z.object({
  version: z.string(),
  digest: z.string(),
  deployment_id: deploymentId.nullable(),
});

const live = z.object({
  service: z.string(),
  environment: z.string(),
  version: z.string(),
  since: instant,
});

/** The version live in the environment now. */
export async function currentVersion(
  client: Queryable,
  service: string,
  environment: string,
): Promise<{ readonly version: string; readonly digest: string } | null> {
  const found = sql`select version, digest, deployment_id from deployed
                    where environment = ${environment} and service = ${service} and valid_to is null`;
  const read = await queryOne(client, found, current);
  return read === null ? null : { version: read.version, digest: read.digest };
}

/**
 * What was live there before the version that is live now; null: nothing is live, nothing else ever was, or what is live came
 * back itself, so that nothing goes forward again by the name of a way back.
 */
export async function formerVersion(
  client: Queryable,
  service: string,
  environment: string,
): Promise<{ readonly version: string; readonly digest: string } | null> {
  const found = sql`select f.version, f.digest, f.deployment_id from deployed l
                    join deployed f on f.environment = l.environment and f.service = l.service
                    where l.environment = ${environment} and l.service = ${service} and l.valid_to is null
                      and f.valid_to is not null and f.digest <> l.digest
                      and not exists (
                        select from deployment d join booking b on b.id = d.booking_id
                        where d.id = l.deployment_id and b.subject ->> 'action' = 'roll-back')
                    order by f.valid_to desc limit 1`;
  const read = await queryOne(client, found, current);
  return read === null ? null : { version: read.version, digest: read.digest };
}

const settled = z.object({ service: z.string(), environment: z.string(), version: z.string(), digest: z.string() });

/** What is live at these places, without those where something is being changed. */
export async function settledAt(
  client: Queryable,
  places: readonly ServicePlace[],
): Promise<readonly z.output<typeof settled>[]> {
  return query(
    client,
    sql`select l.service, l.environment, l.version, l.digest
        from deployed l
        join unnest(${places.map(({ service }) => service)}::text[],
                    ${places.map(({ environment }) => environment)}::text[]) as w(service, environment)
          on w.service = l.service and w.environment = l.environment
        where l.valid_to is null and not exists (
          select from deployment d
          where d.state = 'running' and d.environment = l.environment and d.service = l.service)`,
    settled,
  );
}

/** A run of the service with a higher number has started there, or what is live was recorded after `endedAt`. */
export async function isOvertaken(
  client: Queryable,
  former: ServicePlace & { readonly fence: number | null; readonly endedAt: Temporal.Instant },
): Promise<boolean> {
  const { service, environment, fence, endedAt } = former;
  const found = await queryOne(
    client,
    sql`select (
          exists (select from deployment where service = ${service} and environment = ${environment} and fence > ${fence ?? 0})
          or exists (select from deployed where service = ${service} and environment = ${environment} and valid_to is null
                       and valid_from > ${toTimestamp(endedAt)})) as overtaken`,
    z.object({ overtaken: z.boolean() }),
  );
  return found?.overtaken ?? true;
}

/**
 * Ends the row in force and opens a new one. The same again (version, digest and deployment) changes nothing, so a
 * repeated step writes once. Should the domain clock have been set back, the new row begins a microsecond after the
 * one it ends: history stays in order.
 */
export async function recordVersion(
  client: Queryable,
  now: ServicePlace & {
    readonly version: string;
    readonly digest: string;
    readonly at: Temporal.Instant;
    readonly deployment: DeploymentId | null;
  },
): Promise<void> {
  const inForce = sql`environment = ${now.environment} and service = ${now.service} and valid_to is null`;
  const held = sql`select version, digest, deployment_id from deployed where ${inForce} for update`;
  const before = await queryOne(client, held, current);
  const isSame = before?.version === now.version && before.digest === now.digest;
  if (isSame && before.deployment_id === now.deployment) return;
  const at = toTimestamp(now.at);
  const ended = await queryOne(
    client,
    sql`update deployed set valid_to = greatest(${at}, valid_from + interval '1 microsecond')
        where ${inForce} returning valid_to`,
    z.object({ valid_to: instant }),
  );
  const from = ended === null ? at : toTimestamp(ended.valid_to);
  await execute(
    client,
    sql`insert into deployed (environment, service, version, digest, deployment_id, valid_from)
        values (${now.environment}, ${now.service}, ${now.version}, ${now.digest}, ${now.deployment}, ${from})`,
  );
}

/** What was live everywhere at an instant; by service and environment. */
export async function liveAt(client: Queryable, at: Temporal.Instant): Promise<readonly z.output<typeof live>[]> {
  const instantAt = toTimestamp(at);
  return query(
    client,
    sql`select service, environment, version, valid_from as since from deployed
        where valid_from <= ${instantAt} and (valid_to is null or valid_to > ${instantAt})
        order by service, environment`,
    live,
  );
}

/** What of one service is live now, by environment. */
export async function liveOf(client: Queryable, service: string): Promise<readonly z.output<typeof live>[]> {
  return query(
    client,
    sql`select service, environment, version, valid_from as since from deployed
        where service = ${service} and valid_to is null order by environment`,
    live,
  );
}
