import type { Pool } from "pg";
import { err, ok, type Result } from "#core/result.ts";
import { systemClock, type Clock } from "#runtime/clock.ts";
import { readClockShift, setClockShift } from "#store/clock.ts";
import { transaction } from "#store/sql.ts";

export interface DomainClock extends Clock {
  readonly shiftMs: () => number;
  readonly refresh: () => Promise<void>;
  readonly set: (
    to: Temporal.Instant,
    by: string,
  ) => Promise<Result<{ readonly now: Temporal.Instant; readonly shiftMs: number }, "clock-is-fixed">>;
}

/** The system's clock and the shift that all processes of the installation share (ADR 0003). */
export async function openDomainClock(pool: Pool, settable: boolean): Promise<DomainClock> {
  let shiftMs = 0;
  const now = (): Temporal.Instant => systemClock.now().add({ milliseconds: shiftMs });
  const refresh = async (): Promise<void> => {
    shiftMs = settable ? ((await readClockShift(pool))?.shiftMs ?? 0) : 0;
  };
  await refresh();
  return {
    now,
    shiftMs: () => shiftMs,
    refresh,
    set: async (to, by) => {
      if (!settable) return err("clock-is-fixed");
      const wanted = to.epochMilliseconds - systemClock.now().epochMilliseconds;
      await transaction(pool, (client) => setClockShift(client, wanted, by));
      shiftMs = wanted;
      return ok({ now: now(), shiftMs });
    },
  };
}
