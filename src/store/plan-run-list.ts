import { z } from "zod";
import type { RunEnd } from "#core/plan/advance.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { runRow, stepsOfRuns, type StoredRun, type StoredStep } from "./plan-run.ts";
import { instant, toTimestamp } from "./row.ts";
import { query, sql, type Queryable, type Statement } from "./sql.ts";

export interface RunFilter {
  /** `late`: under way and late. */
  readonly show: "running" | "late" | "all";
  readonly state: "running" | RunEnd | null;
  readonly runbook: string | null;
  /** One that its steps deploy. */
  readonly service: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface ListedRun {
  readonly run: StoredRun;
  /** Those that have begun, in that order. */
  readonly steps: readonly StoredStep[];
}

const cursorKey = z.tuple([instant, z.string()]);

/** Newest first; the cursor is the last row's (started_at, id). */
export async function runsBefore(
  client: Queryable,
  asked: RunFilter,
): Promise<{ readonly items: readonly ListedRun[]; readonly next: string | null }> {
  const key = asked.cursor === null ? null : cursorKey.safeParse(decodeCursor(asked.cursor));
  if (key !== null && !key.success) return { items: [], next: null };
  const after =
    key === null ? sql`true` : sql`(started_at, id) < (${toTimestamp(key.data[0])}::timestamptz, ${key.data[1]})`;
  const found = await query(
    client,
    sql`select * from plan_run where ${after} and ${shownBy(asked)}
          and (${asked.state}::text is null or state = ${asked.state})
          and (${asked.runbook}::text is null or runbook = ${asked.runbook})
          and (${asked.service}::text is null or ${asked.service} = any(services))
        order by started_at desc, id desc limit ${asked.limit + 1}`,
    runRow,
  );
  const runs = found.slice(0, asked.limit);
  const steps = await stepsOfRuns(
    client,
    runs.map(({ id }) => id),
  );
  const last = runs.at(-1);
  const next =
    found.length <= asked.limit || last === undefined ? null : encodeCursor([last.startedAt.toString(), last.id]);
  return { items: runs.map((run) => ({ run, steps: steps.filter((step) => step.run === run.id) })), next };
}

function shownBy({ show }: RunFilter): Statement {
  switch (show) {
    case "running":
      return sql`state = 'running'`;
    case "late":
      return sql`state = 'running' and overrun_at is not null`;
    case "all":
      return sql`true`;
  }
}
