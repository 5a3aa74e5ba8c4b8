import type { Pool } from "pg";
import { err, ok, type Result } from "#core/result.ts";
import { monotonicMs, type Clock } from "#runtime/clock.ts";
import { steadyClock } from "#runtime/steady-clock.ts";
import { databaseNow, readClockShift, setClockShift } from "#store/clock.ts";
import { transaction } from "#store/sql.ts";

export interface DomainClock extends Clock {
  readonly shiftMs: () => number;
  /** How far the time of day of this machine is ahead of the database's, in milliseconds. */
  readonly aheadMs: () => number;
  readonly refresh: () => Promise<void>;
  readonly set: (
    to: Temporal.Instant,
    by: string,
  ) => Promise<Result<{ readonly now: Temporal.Instant; readonly shiftMs: number }, "clock-is-fixed">>;
}

/**
 * The clock of the database, which all processes of the installation share, and the shift that somebody has set
 * (ADR 0003). Read at every refresh; in between it goes by itself, whatever happens to the machine's time of day.
 */
export async function openDomainClock(pool: Pool, settable: boolean): Promise<DomainClock> {
  let shiftMs = 0;
  const steady = steadyClock();
  const now = (): Temporal.Instant => steady.now().add({ milliseconds: shiftMs });
  const refresh = async (): Promise<void> => {
    const fromMs = monotonicMs();
    const reference = await databaseNow(pool);
    steady.align(reference, fromMs, monotonicMs());
    shiftMs = settable ? ((await readClockShift(pool))?.shiftMs ?? 0) : 0;
  };
  await refresh();
  return {
    now,
    shiftMs: () => shiftMs,
    aheadMs: steady.aheadMs,
    refresh,
    set: async (to, by) => {
      if (!settable) return err("clock-is-fixed");
      const wanted = to.epochMilliseconds - steady.now().epochMilliseconds;
      await transaction(pool, (client) => setClockShift(client, wanted, by));
      shiftMs = wanted;
      return ok({ now: now(), shiftMs });
    },
  };
}
