import { z } from "zod";
import type { PastRollout } from "#core/rollout/choice.ts";
import { methodIds } from "#core/rollout/strategy.ts";
import { instant, toTimestamp } from "./row.ts";
import { query, sql, type Queryable } from "./sql.ts";

/** More of one environment than this say nothing that these do not. */
const maxRollouts = 100;

const row = z.object({
  id: z.string(),
  service: z.string(),
  environment: z.string(),
  ended_at: instant,
  /** Null in lines that were written before there was a choice. */
  method: z.enum(methodIds).nullable(),
  quiet: z.boolean(),
});

/** Rollouts in the environment that ended at or after the instant, newest first; what never ran, or went back, is none. */
export async function pastRollouts(
  client: Queryable,
  environment: string,
  since: Temporal.Instant,
): Promise<readonly PastRollout[]> {
  return query(
    client,
    sql`select d.id, d.service, d.environment, d.ended_at, l.detail ->> 'method' as method,
               exists (select from timeline_event w where w.deployment_id = d.id and w.step = 'observe'
                       and w.detail ->> 'outcome' = 'not-enough') as quiet
        from deployment d
        join booking b on b.id = d.booking_id and b.subject ->> 'action' <> 'roll-back'
        left join timeline_event l on l.deployment_id = d.id and l.name = 'take the lock' and l.phase = 'done'
        where d.environment = ${environment} and d.started_at is not null and d.ended_at >= ${toTimestamp(since)}
        order by d.ended_at desc, d.id limit ${maxRollouts}`,
    (value) => {
      const { id, ended_at: endedAt, method, quiet, ...rest } = row.parse(value);
      return { ...rest, deployment: id, endedAt, method: method ?? "canary", hadTooLittleTraffic: quiet };
    },
  );
}
