import { z } from "zod";
import { type LoadProfileText, parseLoadProfile } from "#config/state-cover.ts";
import { canonicalJson } from "#config/json.ts";
import { toTimestamp } from "./row.ts";
import { execute, sql, type Queryable, type Statement } from "./sql.ts";

/** One profile per service and environment is in force; more than this for one question is a broken catalog. */
export const maxProfiles = 500;

/** As it stands in the jsonb of `profilesFor`. */
export const storedProfile = z.unknown().transform(parseLoadProfile);

/** Takes the place of the profile in force; equal content changes nothing. `at` after the start of the one in force. */
export async function recordLoadProfile(
  client: Queryable,
  profile: LoadProfileText,
  at: Temporal.Instant,
  by: string,
): Promise<boolean> {
  const { service, environment } = profile;
  const text = canonicalJson(profile);
  const here = sql`service = ${service} and environment = ${environment}`;
  // One at a time for a service and environment, at any isolation level.
  await execute(
    client,
    sql`select pg_advisory_xact_lock(hashtext('load_profile'), hashtext(${canonicalJson([service, environment])}))`,
  );
  const from = sql`greatest(${toTimestamp(at)}::timestamptz,
    (select max(valid_from) + interval '1 microsecond' from load_profile where ${here}))`;
  const closed = sql`update load_profile set valid_to = ${from}
    where ${here} and valid_to is null and profile <> ${text}::jsonb`;
  await execute(client, closed);
  const added = await execute(
    client,
    sql`insert into load_profile (service, environment, profile, valid_from, recorded_by)
        select ${service}, ${environment}, ${text}::jsonb, coalesce((select max(valid_to) from load_profile where ${here}),
          ${toTimestamp(at)}::timestamptz), ${by}
        where not exists (select from load_profile where ${here} and valid_to is null)`,
  );
  return added === 1;
}

/** One jsonb value: the profiles, as of an instant, of a service and of what it depends on in an environment. */
export function profilesFor(
  subject: { readonly service: string; readonly environment: string },
  at: string,
): Statement {
  const { service, environment } = subject;
  return sql`(select coalesce(jsonb_agg(p.profile order by p.service), '[]') from (
      select l.service, l.profile from load_profile l
      where l.environment = ${environment} and l.valid_from <= ${at} and (l.valid_to is null or l.valid_to > ${at})
        and (l.service = ${service} or l.service in (
          select edge ->> 'service' from document c, jsonb_array_elements(coalesce(c.spec -> 'dependsOn', '[]')) edge
          where c.kind = 'Service' and c.name = ${service}
            and c.valid_from <= ${at} and (c.valid_to is null or c.valid_to > ${at})))
      limit ${maxProfiles + 1}) p)`;
}
