import { z } from "zod";
import type { DeploymentId, VerdictId } from "#core/id.ts";
import type { Correction } from "#core/policy/correction.ts";
import { decisions } from "#core/policy/verdict.ts";
import { deploymentId, instant, toTimestamp, toTimestampOrNull, whole } from "./row.ts";
import { execute, query, sql, type Queryable } from "./sql.ts";

export interface NoticeEntry {
  readonly deployment: DeploymentId;
  /** The verdict that says otherwise. */
  readonly verdict: VerdictId;
  readonly at: Temporal.Instant;
  readonly correction: Correction;
}

export interface StoredNotice extends Omit<NoticeEntry, "verdict"> {
  readonly seq: number;
  readonly person: string;
  readonly verdict: string;
}

/** For the person who requested the work and those who decided on it: they were told the earlier verdict. */
export async function insertNotices(
  client: Queryable,
  { deployment, verdict, at, correction }: NoticeEntry,
): Promise<number> {
  const { was, is, because } = correction;
  return execute(
    client,
    sql`insert into notice (deployment_id, person, at, verdict_id, was, was_opening, now_is, now_opening, because)
        select ${deployment}, told.person, ${toTimestamp(at)}, ${verdict}, ${was.decision},
               ${toTimestampOrNull(was.opensAt)}::timestamptz, ${is.decision},
               ${toTimestampOrNull(is.opensAt)}::timestamptz, ${JSON.stringify(because)}::jsonb
        from (select b.requested_by as person from booking b join deployment d on d.booking_id = b.id
              where d.id = ${deployment}
              union
              select a.person from approval a where a.deployment_id = ${deployment}) told
        on conflict (verdict_id, person) do nothing`,
  );
}

const row = z
  .object({
    seq: whole,
    deployment_id: deploymentId,
    person: z.string(),
    at: instant,
    verdict_id: z.string(),
    was: z.enum(decisions),
    was_opening: instant.nullable(),
    now_is: z.enum(decisions),
    now_opening: instant.nullable(),
    because: z.array(z.object({ rule: z.string(), sentence: z.string() })),
  })
  .transform((read): StoredNotice => ({
    seq: read.seq,
    deployment: read.deployment_id,
    person: read.person,
    at: read.at,
    verdict: read.verdict_id,
    correction: {
      was: { decision: read.was, opensAt: read.was_opening },
      is: { decision: read.now_is, opensAt: read.now_opening },
      because: read.because,
    },
  }));

/** Newest first, from below `before`. */
export async function noticesBefore(
  client: Queryable,
  filter: { readonly person: string | null; readonly deployment: string | null },
  before: number | null,
  limit: number,
): Promise<readonly StoredNotice[]> {
  return query(
    client,
    sql`select * from notice
        where (${filter.person}::text is null or person = ${filter.person})
          and (${filter.deployment}::text is null or deployment_id = ${filter.deployment})
          and (${before}::bigint is null or seq < ${before})
        order by seq desc limit ${limit}`,
    row,
  );
}
