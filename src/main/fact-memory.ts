import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import { isBefore } from "#core/span.ts";
import { factsFor } from "#core/world/facts-for.ts";
import { monotonicMs } from "#runtime/clock.ts";
import type { Log } from "#runtime/log.ts";
import { openMirror, type FactMirror } from "#store/mirror/mirror.ts";
import type { OrganisationCache } from "#store/organisation.ts";
import type { KnownFacts } from "#usecases/policy/answer-questions.ts";

export interface FactMemoryParts {
  readonly pool: Pool;
  readonly organisations: OrganisationCache;
  readonly now: () => Temporal.Instant;
  readonly log: Log;
  /** The domain clock can be set back. */
  readonly canGoBack: boolean;
}

/** The facts of everything in the memory of this process. */
export interface FactMemory {
  /**
   * null until they have been read for the first time, while they cannot be brought up to date, and while the clock
   * stands before the last of them: memory knows what is, and not what was.
   */
  readonly known: () => KnownFacts | null;
  /** Brings them up to the present. */
  readonly refresh: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Brought up to date this often even when nobody asks, so that the first question finds little to read. */
const refreshEveryMs = 1_000;
/** Not brought up to date for so long, they are no longer asked: something is wrong with reading them. */
const oldAfterMs = 30_000;

/** Reads in the background; until that is done everything is answered from the database. */
export function openFactMemory(parts: FactMemoryParts): FactMemory {
  let mirror: FactMirror | null = null;
  let readMs = 0;
  const stopping = new AbortController();
  const open = async (): Promise<void> => {
    const beganMs = monotonicMs();
    mirror = await openMirror(parts.pool, parts);
    parts.log.info({ ms: Math.round(monotonicMs() - beganMs) }, "the facts of everything are in memory");
  };
  const refresh = async (): Promise<void> => {
    await (mirror === null ? open() : mirror.refresh());
    readMs = monotonicMs();
  };
  const running = keepUp(refresh, parts.log, stopping.signal);
  return {
    known: () => (mirror === null || monotonicMs() - readMs > oldAfterMs ? null : knownBy(mirror, parts.now())),
    refresh,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

function knownBy(mirror: FactMirror, now: Temporal.Instant): KnownFacts | null {
  const { world, snapshot, knownFrom } = mirror.state();
  if (knownFrom !== null && isBefore(now, knownFrom)) return null;
  return { snapshot, factsFor: (subject, at, horizon) => factsFor(world, subject, at, horizon) };
}

async function keepUp(body: () => Promise<void>, log: Log, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await body();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn({ error: why }, "facts could not be read; tried again");
    }
    await delay(refreshEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
