import { z } from "zod";
import type { DeploymentId } from "#core/id.ts";
import type { Deployed } from "#core/release/state.ts";
import { instant, toTimestamp } from "./row.ts";
import { execute, sql, type Queryable, type Statement } from "./sql.ts";

export interface StabilisationEnd {
  readonly deployment: DeploymentId;
  readonly service: string;
  readonly environment: string;
  readonly at: Temporal.Instant;
  readonly until: Temporal.Instant;
}

/** The newest counts: one that is prolonged again lasts longer, one that a person ends lasts no longer. */
export async function setStabilisationEnd(client: Queryable, one: StabilisationEnd): Promise<void> {
  await execute(
    client,
    sql`insert into stabilisation_end (deployment_id, service, environment, at, until)
        values (${one.deployment}, ${one.service}, ${one.environment}, ${toTimestamp(one.at)}, ${toTimestamp(one.until)})`,
  );
}

/** Until when the stabilisation of a deployment was prolonged, as was known at an instant; null: it was not. */
export function stabilisingUntil(deployment: Statement, at?: string): Statement {
  const known = at === undefined ? sql`true` : sql`e.at <= ${at}`;
  return sql`(select e.until from stabilisation_end e where e.deployment_id = ${deployment} and ${known}
              order by e.seq desc limit 1)`;
}

/** What is live, as JSON with `stabilising_until` beside it. */
export const deployedRow = z
  .object({
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    since: instant,
    stabilising_until: instant.nullable(),
  })
  .transform(({ stabilising_until: until, ...row }): Deployed => ({
    ...row,
    ...(until === null ? {} : { stabilisingUntil: until }),
  }));
