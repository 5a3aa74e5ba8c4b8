import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "#runtime/log.ts";

/** Work of a worker that comes again and again until it is stopped. */
export interface Sweep {
  readonly stop: () => Promise<void>;
}

/** Runs `body` again and again; what fails (the store is away) is tried at the next turn: recovery is a loop. */
export function loop(body: () => Promise<void>, everyMs: number, log: Log, onHint: (call: () => void) => void): Sweep {
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  onHint(() => wake());
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await body();
      } catch (error) {
        log.warn({ error: error instanceof Error ? error.message : String(error) }, "the sweep will be tried again");
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        void delay(everyMs, undefined, { signal: stopping.signal }).then(resolve, resolve);
      });
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
