import { z } from "zod";
import { instant } from "#store/row.ts";
import { queryOne, sql, type Queryable, type Statement } from "#store/sql.ts";

/*
 * Memory holds what is known now. Of an instant before something was decided, received or ended it would tell too much
 * of the one and nothing of what held instead.
 */

/**
 * Columns of the clock by which verdicts are judged: when something came to be, and when it ceased. Not when a booking was
 * moved: that is by the clock of the machine, and facts of any instant have bookings where they are now.
 */
const written: readonly Statement[] = [
  sql`select max(at) as at from configuration_revision`,
  sql`select max(registered_at) from artifact`,
  sql`select max(at) from approval`,
  sql`select max(greatest(valid_from, valid_to)) from deployed`,
  sql`select max(at) from stabilisation_end`,
  sql`select max(greatest(requested_at, started_at, ended_at)) from deployment`,
  sql`select max(received_at) from report`,
  sql`select max(greatest(since, ended_at)) from hold`,
  sql`select max(greatest(since, ended_at)) from stop`,
  sql`select max(greatest(requested_at, revoked_at)) from exemption`,
  sql`select max(at) from exemption_approval`,
  sql`select max(at) from finding_override`,
  sql`select max(greatest(opened_at, permitted_at)) from emergency`,
  sql`select max(at) from emergency_approval`,
  sql`select max(greatest(since, paid_at)) from debt`,
  sql`select max(greatest(valid_from, valid_to)) from reservation`,
  sql`select max(greatest(valid_from, valid_to)) from load_profile`,
  sql`select max(greatest(valid_from, valid_to)) from rota_import`,
  sql`select max(greatest(valid_from, valid_to)) from rota_swap`,
  sql`select max(at) from slot_position`,
  sql`select max(imported_at) from business_source`,
  sql`select max(greatest(valid_from, valid_to)) from business_event`,
];

/** The last instant at which any fact of a verdict has changed; null before the first. */
export async function newestFactAt(client: Queryable): Promise<Temporal.Instant | null> {
  const all = written.reduce((before, each) => sql`${before} union all ${each}`);
  const statement = sql`select max(n.at) as at from (${all}) n`;
  return (await queryOne(client, statement, z.object({ at: instant.nullable() })))?.at ?? null;
}
