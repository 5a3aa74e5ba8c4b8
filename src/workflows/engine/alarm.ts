import type { Clock } from "#runtime/clock.ts";

/*
 * Waiting for instants of the domain clock. That clock may be shifted while somebody waits, so a timer of the machine
 * would fire at the wrong moment: one interval looks at all waiting instants instead.
 */

export interface Alarms {
  /** Calls `ring` once when the domain clock has reached `at`; the result cancels it. */
  readonly set: (at: Temporal.Instant, ring: () => void) => () => void;
  /** No alarm rings any more. */
  readonly stop: () => void;
}

/** How late an alarm may ring; also the price of waiting: one comparison per waiter and tick. */
const tickMs = 100;

export function createAlarms(clock: Clock): Alarms {
  const waiting = new Map<symbol, { readonly at: Temporal.Instant; readonly ring: () => void }>();
  const timer = setInterval(() => {
    if (waiting.size === 0) return;
    const now = clock.now();
    for (const [key, { at, ring }] of waiting) {
      if (Temporal.Instant.compare(at, now) > 0) continue;
      waiting.delete(key);
      ring();
    }
  }, tickMs);
  timer.unref();
  return {
    set: (at, ring) => {
      const key = Symbol("alarm");
      waiting.set(key, { at, ring });
      return () => waiting.delete(key);
    },
    stop: () => {
      clearInterval(timer);
      waiting.clear();
    },
  };
}
