import { setTimeout as delay } from "node:timers/promises";
import { monotonicMs } from "#runtime/clock.ts";

/**
 * Pauses of which no more than `perSecond` end in a second; the rest last longer, in the order in which they should have
 * ended. Whatever repeats itself behind such pauses slows down together instead of taking the whole process.
 */
export function pacer(perSecond: number): (milliseconds: number) => Promise<void> {
  const gapMs = 1_000 / perSecond;
  let freeAtMs = 0;
  return async (milliseconds) => {
    await delay(milliseconds);
    const nowMs = monotonicMs();
    const turnMs = Math.max(nowMs, freeAtMs);
    freeAtMs = turnMs + gapMs;
    if (turnMs > nowMs) await delay(turnMs - nowMs);
  };
}
