import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import type { Clock } from "#runtime/clock.ts";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

/*
 * Code of the product that reads the clock, waits or draws a number on its own account gets those of the world it runs
 * in. Outside of a task (the driver of PostgreSQL, the test runner) everything is as ever.
 */

export interface Surroundings {
  readonly scheduler: Pick<Scheduler, "current" | "sleep">;
  readonly clock: Clock;
  readonly random: Random;
}

let inside: Surroundings | null = null;

/** From here on tasks live in this world; null: there is none. */
export function surroundWith(world: Surroundings | null): void {
  takeOver();
  inside = world;
}

function here(): Surroundings | null {
  return inside !== null && inside.scheduler.current() !== null ? inside : null;
}

let isTaken = false;

function takeOver(): void {
  if (isTaken) return;
  isTaken = true;
  const { instant } = Temporal.Now;
  const { setTimeout: delay } = timers;
  const { randomUUIDv7, randomInt, randomBytes } = crypto;
  Object.defineProperty(Temporal.Now, "instant", { value: () => here()?.clock.now() ?? instant.call(Temporal.Now) });
  Object.assign(timers, {
    setTimeout: async (milliseconds: number, value: unknown, options: object) => {
      const world = here();
      if (world === null) return await delay(milliseconds, value, options);
      await world.scheduler.sleep(milliseconds);
      return value;
    },
  });
  Object.assign(crypto, {
    randomUUIDv7: () => {
      const world = here();
      return world === null ? randomUUIDv7() : uuidOf(world);
    },
    randomInt: (from: number, to: number) => {
      const world = here();
      return world === null ? randomInt(from, to) : from + world.random.below(to - from);
    },
    randomBytes: (size: number) => {
      const world = here();
      return world === null
        ? randomBytes(size)
        : Buffer.from(Array.from({ length: size }, () => world.random.below(256)));
    },
  });
  syncBuiltinESMExports();
}

/** RFC 9562, version 7: 48 bits of milliseconds, then 74 random ones. */
function uuidOf({ clock, random }: Surroundings): string {
  const hex = (digits: number): string =>
    random
      .below(16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  const time = clock.now().epochMilliseconds.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${"89ab"[random.below(4)] ?? "8"}${hex(3)}-${hex(6)}${hex(6)}`;
}
