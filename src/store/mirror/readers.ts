import { z } from "zod";
import { expectedDurations, history, historyOf } from "#store/duration.ts";
import { parseApproval } from "#store/approval.ts";
import { parseArtifact } from "#store/artifact.ts";
import { storedImports, storedSwaps } from "#store/cover.ts";
import { storedProfile } from "#store/load-profile.ts";
import { heldLock, heldLockJson } from "#store/lock.ts";
import { agreedFor, storedAgreement } from "#store/negotiation.ts";
import { leftAt, storedPassed } from "#store/passed-stage.ts";
import { instant } from "#store/row.ts";
import { parseReservation } from "#store/reservation.ts";
import { setbackJson, setbacks as setbacksOf, storedSetback } from "#store/setback.ts";
import { sql, type Statement } from "#store/sql.ts";
import { deployedRow, stabilisingUntil } from "#store/stabilisation-end.ts";
import { among, defineReader, type Keys } from "./shelf.ts";

/*
 * Every shelf as the database has it now. What `facts.ts` reads for one subject at any instant, these read for all
 * subjects at the present one; a test holds the verdicts on both equal.
 */

export const artifacts = defineReader({
  shelf: "artifacts",
  select: (keys) => sql`select array[r.service, r.version] as key, to_jsonb(r) as row from artifact r
    ${among(keys, sql`r.service`, sql`r.version`)}`,
  parse: parseArtifact,
});

export const approvals = defineReader({
  shelf: "approvals",
  select: (keys) => sql`select array[r.service, r.version, r.environment] as key, to_jsonb(r) as row from approval r
    ${among(keys, sql`r.service`, sql`r.version`, sql`r.environment`)} order by r.at, r.id`,
  parse: parseApproval,
});

const place = { service: z.string(), version: z.string(), environment: z.string() };
export const deployed = defineReader({
  shelf: "deployed",
  select: (keys) => sql`select array[r.environment, r.service] as key,
      jsonb_build_object('service', r.service, 'version', r.version, 'environment', r.environment,
                         'since', r.valid_from, 'stabilising_until', ${stabilisingUntil(sql`r.deployment_id`)}) as row
    from deployed r ${among(keys, sql`r.environment`, sql`r.service`)} where r.valid_to is null`,
  parse: (row) => deployedRow.parse(row),
});

export const setbacks = defineReader({
  shelf: "setbacks",
  select: (keys) => sql`select array[s.environment, s.service] as key, ${setbackJson} as row
    from (${setbacksOf(keys === null ? sql`true` : ofPlaces(keys))}) s order by s.service, s.version`,
  parse: (row) => storedSetback.parse(row),
});

/** Inside of the selection: what is picked from each version is found among these alone. */
function ofPlaces(keys: readonly (readonly string[])[]): Statement {
  const part = (index: number): readonly string[] => keys.map((parts) => parts[index] ?? "");
  return sql`(d.environment, d.service) in (select w.a, w.b from unnest(${part(0)}::text[], ${part(1)}::text[]) as w(a, b))`;
}

const bookingRow = z.object({ id: z.string(), ...place, from: instant, to: instant });

export const bookings = defineReader({
  shelf: "bookings",
  select: (keys) => sql`select array[d.environment, d.service] as key,
      jsonb_build_object('id', b.id, 'service', b.service, 'version', b.version, 'environment', b.environment,
                         'from', b.planned_from, 'to', b.planned_to) as row
    from deployment d join booking b on b.id = d.booking_id
    ${among(keys, sql`d.environment`, sql`d.service`)}
    where d.ended_at is null order by b.planned_from, b.id`,
  parse: (row) => bookingRow.parse(row),
});

export const bookingOf = defineReader({
  shelf: "bookingOf",
  select: (keys) => sql`select array[d.id] as key, to_jsonb(d.booking_id) as row from deployment d
    ${among(keys, sql`d.id`)} where d.ended_at is null`,
  parse: (row) => z.string().parse(row),
});

export const passed = defineReader({
  shelf: "passed",
  select: (keys) => sql`select distinct on (d.digest, d.environment) array[d.digest] as key,
      jsonb_build_object('environment', d.environment, 'digest', d.digest, 'deployment', d.id, 'since', d.ended_at,
        'until', ${leftAt}) as row
    from deployment d ${among(keys, sql`d.digest`)} where d.state = 'succeeded'
    order by d.digest, d.environment, d.ended_at desc`,
  parse: (row) => storedPassed.parse(row),
});

const durationRow = z.object({ service: z.string(), environment: z.string(), history });
const everything = "";

/** Of a service in an environment, and under the environment with an empty name of everything there. */
export const durations = defineReader({
  shelf: "durations",
  select: (keys) => {
    const ended = sql`d.started_at is not null and d.ended_at is not null`;
    const pairs = sql`select distinct d.environment, d.service from deployment d
      ${among(ofServices(keys), sql`d.environment`, sql`d.service`)} where ${ended}`;
    const there = sql`select distinct d.environment from deployment d
      ${among(ofEnvironments(keys), sql`d.environment`)} where ${ended}`;
    return sql`select array[p.environment, p.service] as key,
        jsonb_build_object('environment', p.environment, 'service', p.service,
          'history', ${historyOf(sql`d.environment = p.environment and d.service = p.service`, "infinity")}) as row
      from (${pairs}) p
      union all
      select array[p.environment, ${everything}::text] as key,
        jsonb_build_object('environment', p.environment, 'service', ${everything}::text,
          'history', ${historyOf(sql`d.environment = p.environment`, "infinity")}) as row
      from (${there}) p`;
  },
  parse: (row) => {
    const { history: known, ...about } = durationRow.parse(row);
    return expectedDurations(about, [known])[0] ?? null;
  },
});

function ofServices(keys: Keys): Keys {
  return keys?.filter(([, service]) => service !== everything) ?? null;
}

function ofEnvironments(keys: Keys): Keys {
  return keys?.filter(([, service]) => service === everything) ?? null;
}

export const profiles = defineReader({
  shelf: "profiles",
  select: (keys) => sql`select array[r.environment, r.service] as key, r.profile as row from load_profile r
    ${among(keys, sql`r.environment`, sql`r.service`)} where r.valid_to is null`,
  parse: (row) => storedProfile.parse(row),
});

export const locks = defineReader({
  shelf: "locks",
  select: (keys) => sql`select array[k.key] as key, ${heldLockJson} as row
    from environment_lock k ${among(keys, sql`k.key`)}`,
  parse: (row) => heldLock.parse(row),
});

export const reservations = defineReader({
  shelf: "reservations",
  select: (keys) => sql`select array[r.place] as key, to_jsonb(r) as row from reservation r
    ${among(keys, sql`r.place`)} where r.valid_to is null order by r."from", r.id`,
  parse: parseReservation,
});

export const imported = defineReader({
  shelf: "imported",
  select: (keys) => sql`select array[r.team] as key,
      jsonb_build_object('team', r.team, 'until', r.until, 'duties',
        (select coalesce(jsonb_agg(jsonb_build_object('person', u.person, 'from', u.from_at, 'to', u.to_at)
            order by u.from_at, u.person), '[]') from rota_duty u where u.import_id = r.id)) as row
    from rota_import r ${among(keys, sql`r.team`)} where r.valid_to is null order by r.source`,
  parse: (row) => storedImports.element.parse(row),
});

export const swaps = defineReader({
  shelf: "swaps",
  select: (keys) => sql`select array[r.team] as key,
      jsonb_build_object('id', r.id, 'team', r.team, 'person', r.person, 'replaces', r.replaces,
                         'from', r.from_at, 'to', r.to_at) as row
    from rota_swap r ${among(keys, sql`r.team`)} where r.valid_to is null
    order by r.from_at, r.id`,
  parse: (row) => storedSwaps.element.parse(row),
});

export const agreed = defineReader({
  shelf: "agreed",
  select: (keys) => sql`select array[d.id] as key, ${agreedFor(sql`d.id`, "infinity")} as row from deployment d
    ${among(keys, sql`d.id`)}
    where d.ended_at is null and exists (select from slot_position s where s.deployment_id = d.id)`,
  parse: (row) => storedAgreement.parse(row),
});
