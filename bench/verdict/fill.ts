import type { Pool } from "pg";
import { entriesOf } from "#core/world/chunked-map.ts";
import type { ShelfName, ShelfRows, World } from "#core/world/world.ts";
import { applyDocuments } from "#store/configuration.ts";
import { execute, sql, transaction } from "#store/sql.ts";
import { documentsOf } from "./documents.ts";

/** Rows of one statement. */
const chunk = 5_000;

/** Brings the catalogue into a database: documents, artifacts, what is live, and the open bookings. */
export async function fill(pool: Pool, world: World, at: Temporal.Instant): Promise<{ readonly bookings: number }> {
  const application = { documents: documentsOf(world.organisation), at, by: "bench" };
  await transaction(pool, (client) => applyDocuments(client, application));
  await inChunks(rows(world, "artifacts"), (list) =>
    execute(
      pool,
      sql`insert into artifact (service, version, digest, author, registered_at)
          select r.service, r.version, r.digest, r.author, ${at.toString()}::timestamptz
          from jsonb_to_recordset(${JSON.stringify(list)}::jsonb) as r(service text, version text, digest text, author text)`,
    ),
  );
  await inChunks(rows(world, "deployed"), (list) =>
    execute(
      pool,
      sql`insert into deployed (environment, service, version, digest, valid_from)
          select r.environment, r.service, r.version, ${`sha256:${"0".repeat(64)}`}, ${at.toString()}::timestamptz
          from jsonb_to_recordset(${JSON.stringify(list)}::jsonb) as r(environment text, service text, version text)
          on conflict do nothing`,
    ),
  );
  const seen = new Set<string>();
  const bookings = rows(world, "bookings").filter(({ service, version, environment }) => {
    const key = `${service} ${version} ${environment}`;
    return !seen.has(key) && seen.add(key);
  });
  await inChunks(bookings, (list) => insertBookings(pool, list, at));
  await execute(pool, sql`delete from fact_change`);
  await pool.query("vacuum analyze");
  return { bookings: bookings.length };
}

function rows<Name extends ShelfName>(world: World, shelf: Name): readonly ShelfRows[Name][] {
  const entries: Iterable<readonly [string, readonly ShelfRows[Name][]]> = entriesOf<readonly ShelfRows[Name][]>(
    world.shelves[shelf],
  );
  return [...entries].flatMap(([, list]) => list);
}

async function inChunks<T>(list: readonly T[], act: (part: readonly T[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < list.length; from += chunk) await act(list.slice(from, from + chunk));
}

/** Waiting work whose timer lies far ahead, so that nothing sweeps it while something is measured. */
async function insertBookings(pool: Pool, list: readonly ShelfRows["bookings"][], at: Temporal.Instant): Promise<void> {
  const read = sql`jsonb_to_recordset(${JSON.stringify(list)}::jsonb) as
    r(id text, service text, version text, environment text, "from" timestamptz, "to" timestamptz)`;
  const digest = `sha256:${"b".repeat(64)}`;
  await execute(
    pool,
    sql`insert into booking (id, service, version, environment, subject, content_digest, planned_from, planned_to,
                             requested_by, created_at)
        select r.id, r.service, r.version, r.environment,
          jsonb_build_object('service', r.service, 'version', r.version, 'environment', r.environment, 'action', 'deploy',
            'class', 'normal', 'invoker', 'person', 'requestedBy', 'person-1', 'contentDigest', ${digest}::text,
            'onBehalfOf', null),
          ${digest}, r."from", r."to", 'person-1', ${at.toString()}::timestamptz
        from ${read}`,
  );
  await execute(
    pool,
    sql`insert into deployment (id, booking_id, service, version, environment, digest, state, when_blocked, next_check_at,
                                requested_at)
        select 'dep_' || r.id, r.id, r.service, r.version, r.environment, ${digest}, 'waiting', 'wait',
          '2030-01-01T00:00Z', ${at.toString()}::timestamptz
        from ${read}`,
  );
}
