import { setTimeout as delay } from "node:timers/promises";
import { monotonicMs } from "#runtime/clock.ts";
import type { Log } from "#runtime/log.ts";

/** Work of a worker that comes again and again until it is stopped. */
export interface Sweep {
  readonly stop: () => Promise<void>;
}

/** A turn that was hinted at begins this part of `everyMs` behind the begin of the one before, at the earliest. */
const hintedPart = 0.2;

/**
 * Runs `body` again and again; what fails (the store is away) is tried at the next turn: recovery is a loop. A hint brings
 * the next turn forward: at once after a rest, and otherwise together with the hints of the next `leastMs`, because a busy
 * store hints at everything that happens. One that comes during a turn leads to another.
 */
export function loop(
  body: () => Promise<void>,
  everyMs: number,
  log: Log,
  onHint: (call: () => void) => void,
  leastMs = everyMs * hintedPart,
): Sweep {
  const stopping = new AbortController();
  const { signal } = stopping;
  let isHinted = false;
  let wake: () => void = () => undefined;
  onHint(() => {
    isHinted = true;
    wake();
  });
  const rest = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, everyMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (isHinted || signal.aborted) wake();
    });
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      isHinted = false;
      const beganMs = monotonicMs();
      try {
        await body();
      } catch (error) {
        log.warn({ error: error instanceof Error ? error.message : String(error) }, "the sweep will be tried again");
      }
      await rest();
      const soonMs = beganMs + leastMs - monotonicMs();
      if (soonMs > 0) await delay(soonMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      wake();
      await running;
    },
  };
}
