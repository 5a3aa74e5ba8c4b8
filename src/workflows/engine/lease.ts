import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import { z } from "zod";
import { monotonicMs } from "#runtime/clock.ts";
import { execute, query, sql } from "#store/sql.ts";

/*
 * The executor lease (ADR 0004). Every worker renews its row each ttl/5; who does not is dead to the others, which take
 * over its runs. States: held ⇄ lapsed. Lapsed: no new step starts, and nobody is declared dead. The engine fences a
 * worker that was declared dead wrongly, so a false alarm costs repeated steps, never a wrong result.
 */

export interface LeaseOptions {
  readonly pool: Pool;
  /** Of this process start; never used again. */
  readonly id: string;
  readonly ttlMs: number;
  /** Makes the runs of dead executors claimable again; idempotent. */
  readonly takeOver: (dead: readonly string[]) => Promise<void>;
  readonly report: (event: LeaseEvent) => void;
}

export type LeaseEvent =
  | { readonly kind: "lapsed" }
  | { readonly kind: "renewed"; readonly lapsedForMs: number }
  | { readonly kind: "took-over"; readonly executors: readonly string[] }
  | { readonly kind: "beat-failed"; readonly reason: string };

export interface Lease {
  /** Writes the row and begins to renew it. Throws if the first beat fails. */
  readonly start: () => Promise<void>;
  readonly isHeld: () => boolean;
  /** Resolves when the lease is held; never after `stop`. */
  readonly whenHeld: () => Promise<void>;
  /** How often it lapsed so far: a worker that slept through a lapse must prove that its runs are still its own. */
  readonly lapses: () => number;
  /** Deletes the row, so that others need not wait for its end. */
  readonly stop: () => Promise<void>;
}

const beatsPerTtl = 5;
/** Rows of executors that are long gone; kept that long for people who look into an outage. */
const forgetAfterMs = 86_400_000;
const deadRow = z.object({ executor_id: z.string() });

interface LeaseState {
  /** When the last successful beat was sent: the row is valid for at least one ttl from then. */
  sentAt: number;
  /** Since when beats have succeeded without a gap. */
  steadySince: number;
  lapses: number;
  hasLapsed: boolean;
  isStopped: boolean;
  /** Ends the pause between two beats. */
  readonly halt: AbortController;
  waiting: (() => void)[];
}

export function createLease(options: LeaseOptions): Lease {
  const never = Number.NEGATIVE_INFINITY;
  const state: LeaseState = {
    sentAt: never,
    steadySince: 0,
    lapses: 0,
    hasLapsed: false,
    isStopped: false,
    halt: new AbortController(),
    waiting: [],
  };
  let loop: Promise<void> = Promise.resolve();
  const isHeld = () => heldAt(options, state, monotonicMs());
  return {
    start: async () => {
      await beat(options, state);
      loop = renew(options, state);
    },
    isHeld,
    whenHeld: () => (isHeld() ? Promise.resolve() : new Promise((resolve) => state.waiting.push(resolve))),
    lapses: () => {
      // A frozen process notices on thawing, before its own timer does.
      notice(options, state, monotonicMs());
      return state.lapses;
    },
    stop: async () => {
      state.isStopped = true;
      state.halt.abort();
      await loop;
      await execute(options.pool, sql`delete from executor_lease where id = ${options.id}`);
    },
  };
}

function heldAt({ ttlMs }: LeaseOptions, state: LeaseState, now: number): boolean {
  return !state.isStopped && now - state.sentAt < ttlMs;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function renew(options: LeaseOptions, state: LeaseState): Promise<void> {
  let sweeping: Promise<void> | null = null;
  while (!state.isStopped) {
    const pause = delay(options.ttlMs / beatsPerTtl, undefined, { ref: false, signal: state.halt.signal });
    await pause.catch(() => undefined);
    if (state.isStopped) return;
    notice(options, state, monotonicMs());
    try {
      await beat(options, state);
      // Not awaited: a take-over may wait for rows that a frozen worker holds, and the beat goes on meanwhile.
      sweeping ??= sweep(options, state)
        .catch((error: unknown) => options.report({ kind: "beat-failed", reason: messageOf(error) }))
        .finally(() => {
          sweeping = null;
        });
    } catch (error) {
      state.steadySince = Number.POSITIVE_INFINITY;
      options.report({ kind: "beat-failed", reason: messageOf(error) });
    }
  }
}

function notice(options: LeaseOptions, state: LeaseState, now: number): void {
  const wasNeverHeld = !Number.isFinite(state.sentAt);
  if (wasNeverHeld || state.isStopped || state.hasLapsed || heldAt(options, state, now)) return;
  state.hasLapsed = true;
  state.lapses += 1;
  options.report({ kind: "lapsed" });
}

async function beat(options: LeaseOptions, state: LeaseState): Promise<void> {
  const sentAt = monotonicMs();
  await execute(
    options.pool,
    sql`insert into executor_lease (id, expires_at) values (${options.id}, now() + ${options.ttlMs} * interval '1 ms')
        on conflict (id) do update set expires_at = excluded.expires_at`,
  );
  notice(options, state, sentAt);
  if (state.hasLapsed || !Number.isFinite(state.steadySince) || !Number.isFinite(state.sentAt))
    state.steadySince = sentAt;
  if (state.hasLapsed) options.report({ kind: "renewed", lapsedForMs: Math.round(sentAt - state.sentAt) });
  state.hasLapsed = false;
  state.sentAt = sentAt;
  const waiting = state.waiting.splice(0);
  for (const resolve of waiting) resolve();
}

/**
 * Looks for dead executors, but only after our own beat was steady for one ttl: after an outage of the store every lease
 * has expired, and the others need that long to say that they live.
 */
async function sweep(options: LeaseOptions, state: LeaseState): Promise<void> {
  if (monotonicMs() - state.steadySince < options.ttlMs) return;
  const found = await query(
    options.pool,
    sql`select distinct w.executor_id from dbos.workflow_status w left join executor_lease l on l.id = w.executor_id
        where w.status = 'PENDING' and w.executor_id <> ${options.id} and (l.id is null or l.expires_at < now())`,
    deadRow,
  );
  const dead = found.map((row) => row.executor_id);
  if (dead.length === 0) return;
  await options.takeOver(dead);
  options.report({ kind: "took-over", executors: dead });
  await execute(
    options.pool,
    sql`delete from executor_lease where expires_at < now() - ${forgetAfterMs} * interval '1 ms'`,
  );
}
