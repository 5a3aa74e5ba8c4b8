import type { ManualClock } from "#runtime/clock.ts";

/** Timers on a clock that stands still; equal instants fire in the order of setting. */
export interface Timers {
  /** Resolves once the clock has reached `at` and the timer was fired. */
  readonly until: (at: Temporal.Instant) => Promise<void>;
  /** The result takes the timer back. */
  readonly set: (at: Temporal.Instant, fire: () => void) => () => void;
  /** Instant of the next timer, or null. */
  readonly next: () => Temporal.Instant | null;
  /** Fires the next timer if it is due; false if there is none. */
  readonly fireDue: () => boolean;
  readonly clear: () => void;
}

interface Timer {
  readonly at: Temporal.Instant;
  readonly fire: () => void;
}

export function createTimers(clock: ManualClock): Timers {
  let timers: Timer[] = [];
  const set = (at: Temporal.Instant, fire: () => void) => {
    const timer = { at, fire };
    timers = [...timers, timer].toSorted((a, b) => Temporal.Instant.compare(a.at, b.at));
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  return {
    set,
    until: (at) => new Promise((resolve) => void set(at, resolve)),
    next: () => timers[0]?.at ?? null,
    fireDue: () => {
      const [first, ...rest] = timers;
      if (first === undefined || Temporal.Instant.compare(first.at, clock.now()) > 0) return false;
      timers = rest;
      first.fire();
      return true;
    },
    clear: () => {
      timers = [];
    },
  };
}
