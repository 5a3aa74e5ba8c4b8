/** The domain's time. Everything that decides takes `now` from here and passes it on; nothing else reads a clock. */
export interface Clock {
  readonly now: () => Temporal.Instant;
}

export const systemClock: Clock = { now: () => Temporal.Now.instant() };

/** Milliseconds that only rise, for measuring how long something took; no relation to the time of day. */
export function monotonicMs(): number {
  return performance.now();
}

/** Wall-clock epoch milliseconds of this machine: for log lines, counters by second and leases of our own processes. */
export function wallMs(): number {
  return Temporal.Now.instant().epochMilliseconds;
}

/** A clock that runs at the pace of the system's, shifted; demos set the shift so that a window is open. */
export function shiftedClock(base: Clock, shift: () => Temporal.Duration): Clock {
  return { now: () => base.now().add(shift()) };
}

/** Stands still until it is told to move. */
export interface ManualClock extends Clock {
  readonly set: (to: Temporal.Instant) => void;
  readonly advance: (by: Temporal.Duration) => void;
}

export function manualClock(start: Temporal.Instant): ManualClock {
  let current = start;
  return {
    now: () => current,
    set: (to) => {
      current = to;
    },
    advance: (by) => {
      current = current.add(by);
    },
  };
}
