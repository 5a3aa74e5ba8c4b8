import { z } from "zod";
import { instant, whole } from "./row.ts";
import { execute, queryOne, sql, type Queryable } from "./sql.ts";

/** How far the domain clock is from the system's; only demos and tests set it. `setAt` is the database's time. */
export interface ClockShift {
  readonly shiftMs: number;
  readonly setBy: string;
  readonly setAt: Temporal.Instant;
}

const row = z.object({ shift_ms: whole, set_by: z.string(), set_at: instant });

/** null: the clock was never shifted. */
export async function readClockShift(client: Queryable): Promise<ClockShift | null> {
  const read = await queryOne(client, sql`select shift_ms, set_by, set_at from clock_shift`, row);
  return read === null ? null : { shiftMs: read.shift_ms, setBy: read.set_by, setAt: read.set_at };
}

export async function setClockShift(client: Queryable, shiftMs: number, setBy: string): Promise<void> {
  await execute(
    client,
    sql`insert into clock_shift (shift_ms, set_by) values (${shiftMs}, ${setBy})
        on conflict (one) do update set shift_ms = excluded.shift_ms, set_by = excluded.set_by, set_at = now()`,
  );
}

/** The time of day at the database, now and not at the begin of a transaction. */
export async function databaseNow(client: Queryable): Promise<Temporal.Instant> {
  const read = await queryOne(client, sql`select clock_timestamp() as now`, z.object({ now: instant }));
  if (read === null) throw new Error("a clock always answers");
  return read.now;
}
