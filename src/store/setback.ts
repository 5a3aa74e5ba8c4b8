import { z } from "zod";
import type { Setback } from "#core/release/sequence.ts";
import { instant } from "./row.ts";
import { sql, type Statement } from "./sql.ts";

/** A setback as a fact, of what `setbackJson` makes. */
export const storedSetback: z.ZodType<Setback> = z.object({
  service: z.string(),
  version: z.string(),
  environment: z.string(),
  at: instant,
});

/** More versions than come back from an environment before somebody asks why. */
export const maxSetbacks = 2_000;

/** Ends of a run after which its version is not live, or nobody can say so. */
const unhappy = sql`('rolled-back', 'failed', 'aborted', 'needs-human')`;

/**
 * Rows `s` (environment, service, version, at): of each version the last time that a run of it did not bring it, or that a
 * roll-back took it away. `which` restricts the rows `d` of deployments.
 */
export function setbacks(which: Statement): Statement {
  return sql`select distinct on (u.environment, u.service, u.version) u.environment, u.service, u.version, u.at from (
      select d.environment, d.service, d.version, d.ended_at as at from deployment d
      where d.state in ${unhappy} and d.started_at is not null and ${which}
      union all
      select d.environment, d.service, d.control, d.ended_at from booking b join deployment d on d.booking_id = b.id
      where b.subject ->> 'action' = 'roll-back' and d.state = 'succeeded' and d.control is not null and ${which}
    ) u order by u.environment, u.service, u.version, u.at desc`;
}

export const setbackJson = sql`jsonb_build_object('service', s.service, 'version', s.version,
  'environment', s.environment, 'at', s.at)`;
