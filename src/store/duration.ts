import { z } from "zod";
import type { ExpectedDuration } from "#core/release/state.ts";
import { whole } from "./row.ts";
import { sql, type Statement } from "./sql.ts";

/** How many of the last runs count, and how many must have been seen before history says anything. */
const lastRuns = 50;
export const enoughRuns = 5;

/** Figures of one history, in elapsed milliseconds; null where nothing was seen. */
export const history = z.object({
  runs: whole,
  run: whole.nullable(),
  backs: whole,
  back: whole.nullable(),
  longestBack: whole.nullable(),
});
export type History = z.output<typeof history>;

/**
 * One jsonb value of shape `history` over the last ended deployments that the condition on `d` selects. A run counts
 * when it went forward and succeeded. The way back is a deployment of its own (action roll-back), or what a run took
 * from its first roll-back step to its end.
 */
export function historyOf(condition: Statement, at: string): Statement {
  return sql`(
    select jsonb_build_object(
      'runs', count(run), 'run', ceil(percentile_disc(0.95) within group (order by run)),
      'backs', count(back), 'back', ceil(percentile_disc(0.95) within group (order by back)),
      'longestBack', ceil(max(back)))
    from (
      select
        case when state = 'succeeded' and not is_back then extract(epoch from ended_at - started_at) * 1000 end as run,
        case when state = 'succeeded' and is_back then extract(epoch from ended_at - started_at) * 1000
             when state in ('rolled-back', 'aborted', 'failed') then extract(epoch from ended_at - turned_at) * 1000
        end as back
      from (
        select d.state, d.started_at, d.ended_at, b.subject ->> 'action' = 'roll-back' as is_back,
          (select min(t.at) from timeline_event t where t.deployment_id = d.id and t.step = 'roll-back') as turned_at
        from deployment d join booking b on b.id = d.booking_id
        where ${condition} and d.started_at is not null and d.ended_at >= d.started_at and d.ended_at <= ${at}
        order by d.ended_at desc limit ${lastRuns}
      ) ended
    ) lengths
  )`;
}

/**
 * P95 of the run and of the way back: of the service there, else of everything there; nothing with fewer than
 * `enoughRuns` runs. Ways back are rare: until as many were seen, one is taken to last as long as the longest seen,
 * and no shorter than a run.
 */
export function expectedDurations(
  subject: { readonly service: string; readonly environment: string },
  histories: readonly History[],
): readonly ExpectedDuration[] {
  const known = histories.find(({ runs }) => runs >= enoughRuns);
  if (known === undefined || known.run === null) return [];
  const back =
    known.backs >= enoughRuns && known.back !== null ? known.back : Math.max(known.run, known.longestBack ?? 0);
  const { service, environment } = subject;
  return [{ service, environment, p95: elapsed(known.run), rollbackP95: elapsed(back) }];
}

/** Balanced to hours, so that it reads well; never days, whose length is not everybody's. */
function elapsed(ms: number): Temporal.Duration {
  return Temporal.Duration.from({ milliseconds: Math.max(0, ms) }).round({ largestUnit: "hour" });
}
