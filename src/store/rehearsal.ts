import { z } from "zod";
import { decimal, instant, toTimestamp } from "./row.ts";
import { execute, query, sql, type Queryable } from "./sql.ts";

/** What came of trying the way back for a pair of versions. */
export interface StoredRehearsal {
  /** Its run. */
  readonly run: string;
  readonly service: string;
  readonly version: string;
  readonly digest: string;
  readonly former: string;
  readonly formerDigest: string;
  readonly environment: string;
  readonly at: Temporal.Instant;
  readonly outcome: "pass" | "fail";
  /** The way back, from its begin to the look at the data. */
  readonly seconds: number;
  /** `database.table`. */
  readonly compared: readonly string[];
  readonly differing: readonly string[];
  readonly reason: string | null;
}

const row = z
  .object({
    run_id: z.string(),
    service: z.string(),
    version: z.string(),
    digest: z.string(),
    former: z.string(),
    former_digest: z.string(),
    environment: z.string(),
    at: instant,
    outcome: z.enum(["pass", "fail"]),
    seconds: decimal,
    compared: z.array(z.string()),
    differing: z.array(z.string()),
    reason: z.string().nullable(),
  })
  .transform(({ run_id: run, former_digest: formerDigest, ...rest }): StoredRehearsal => ({
    run,
    formerDigest,
    ...rest,
  }));

/** Once per run; false when it is there already. */
export async function insertRehearsal(client: Queryable, one: StoredRehearsal): Promise<boolean> {
  const inserted = await execute(
    client,
    sql`insert into rehearsal (run_id, service, version, digest, former, former_digest, environment, at, outcome, seconds,
                               compared, differing, reason)
        values (${one.run}, ${one.service}, ${one.version}, ${one.digest}, ${one.former}, ${one.formerDigest},
                ${one.environment}, ${toTimestamp(one.at)}, ${one.outcome}, ${one.seconds},
                ${[...one.compared]}::text[], ${[...one.differing]}::text[],
                ${one.reason})
        on conflict (run_id) do nothing`,
  );
  return inserted === 1;
}

/** Newest first; null: of every service. */
export async function rehearsalsOf(
  client: Queryable,
  service: string | null,
  limit: number,
): Promise<readonly StoredRehearsal[]> {
  return query(
    client,
    sql`select * from rehearsal where (${service}::text is null or service = ${service})
        order by at desc, run_id limit ${limit}`,
    row,
  );
}
