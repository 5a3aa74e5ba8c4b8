import { z } from "zod";
import type { PassedStage } from "#core/release/reports.ts";
import { instant } from "./row.ts";
import { sql } from "./sql.ts";

/** A stage that a digest has passed, of the last successful deployment of it there and of `leftAt`. */
export const storedPassed = z
  .object({
    environment: z.string(),
    digest: z.string(),
    deployment: z.string(),
    since: instant,
    until: instant.nullable(),
  })
  .transform(({ until, ...stage }): PassedStage => (until === null ? stage : { ...stage, until }));

/** Of the row `d` of a deployment that succeeded: when the next other digest went live where it went; null if none has. */
export const leftAt = sql`(select x.valid_from from deployed x
  where x.environment = d.environment and x.service = d.service and x.digest <> d.digest and x.valid_from >= d.ended_at
  order by x.valid_from limit 1)`;
