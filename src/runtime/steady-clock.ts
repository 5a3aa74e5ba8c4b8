import { monotonicMs, systemClock, type Clock } from "./clock.ts";

/**
 * A clock that goes by a reference (the database's) and by the milliseconds since it was read. Whoever sets the time of day
 * of this machine, forwards or back, moves nothing here, and machines that share a reference agree.
 */
export interface SteadyClock extends Clock {
  /** What the reference said at some time between two readings of `monotonicMs`. */
  readonly align: (reference: Temporal.Instant, fromMs: number, toMs: number) => void;
  /** How far the time of day of this machine is ahead of the reference, in milliseconds. */
  readonly aheadMs: () => number;
}

/** Less than this is left alone: each correction is a small jump of its own. */
const toleratedMs = 250;

/** Begins with the time of day of this machine. `wall` and `elapsedMs` are the machine's; tests pass their own. */
export function steadyClock(
  wall: () => Temporal.Instant = systemClock.now,
  elapsedMs: () => number = monotonicMs,
): SteadyClock {
  let anchor = { at: wall(), ms: elapsedMs() };
  const at = (ms: number): Temporal.Instant => anchor.at.add({ nanoseconds: Math.round((ms - anchor.ms) * 1e6) });
  const now = (): Temporal.Instant => at(elapsedMs());
  return {
    now,
    align: (reference, fromMs, toMs) => {
      const middle = (fromMs + toMs) / 2;
      const offMs = Math.abs(at(middle).until(reference).total("milliseconds"));
      // An answer that took long says less.
      if (offMs > toleratedMs + (toMs - fromMs) / 2) anchor = { at: reference, ms: middle };
    },
    aheadMs: () => now().until(wall()).total("milliseconds"),
  };
}
