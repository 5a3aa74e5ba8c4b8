import { isDeepStrictEqual } from "node:util";
import type { ManualClock } from "#runtime/clock.ts";
import type { Flow, Place } from "#workflows/flow.ts";
import { createTimers, type Timers } from "./memory-timers.ts";

/*
 * State and scheduling of the in-memory engine. A run: queued → running → done | failed. What is in `Run` survives a
 * crash; all else (promises, timers, waiters) belongs to one life of the process and is dropped with it.
 */

/** How the engine joins the caller's transactions. */
export interface MemoryTransactions<Tx> {
  /** Runs the body atomically: if it throws, nothing of it remains. */
  readonly transact: <T>(body: (tx: Tx) => Promise<T>) => Promise<T>;
  /** Runs the effect, synchronously, when the transaction of `tx` commits, and never if it does not. */
  readonly afterCommit: (tx: Tx, effect: () => void) => void;
}

export type MemoryStatus = "queued" | "running" | "done" | "failed";

export type Entry =
  | { readonly name: string; readonly kind: "value"; readonly value: unknown }
  | { readonly name: string; readonly kind: "error"; readonly message: string };

export interface Message {
  readonly topic: string;
  readonly body: unknown;
}

export interface Run {
  readonly id: string;
  readonly workflow: string;
  readonly input: unknown;
  readonly place: Place;
  readonly priority: number;
  readonly arrival: number;
  readonly journal: Map<number, Entry>;
  readonly inbox: Message[];
  /** Keys of all messages ever received: a repeated one is dropped. */
  readonly keys: Set<string>;
  status: MemoryStatus;
  output: unknown;
  error: string | null;
}

export interface World<Tx> extends MemoryTransactions<Tx> {
  readonly clock: ManualClock;
  readonly timers: Timers;
  readonly bodies: Map<string, (flow: Flow<Tx>, input: unknown) => Promise<unknown>>;
  readonly runs: Map<string, Run>;
  waiters: readonly { readonly id: string; readonly wake: () => void }[];
  /** Rises with every crash; code of an older life never goes on. */
  life: number;
  isDown: boolean;
  /** Bodies of steps that are under way. */
  busy: number;
  /** Rises with everything that happens; unchanged after a macrotask = nothing goes on by itself. */
  moves: number;
  points: number;
  fatalPoint: number;
}

export function createWorld<Tx>(clock: ManualClock, transactions: MemoryTransactions<Tx>): World<Tx> {
  return {
    ...transactions,
    clock,
    timers: createTimers(clock),
    bodies: new Map(),
    runs: new Map(),
    waiters: [],
    life: 0,
    isDown: false,
    busy: 0,
    moves: 0,
    points: 0,
    fatalPoint: Number.POSITIVE_INFINITY,
  };
}

/** The process dies: `restart` brings it back, which `settle` does. */
export function crash<Tx>(world: World<Tx>): void {
  world.life += 1;
  world.isDown = true;
  world.busy = 0;
  world.moves += 1;
  world.waiters = [];
  world.timers.clear();
}

/** Passes one point at which a process can die; true if it died here. */
export function diesHere<Tx>(world: World<Tx>): boolean {
  world.points += 1;
  if (world.points !== world.fatalPoint) return false;
  crash(world);
  return true;
}

/** The value, but only in the life in which it was asked for; in a later one the caller waits for ever. */
export async function inLife<T, Tx>(world: World<Tx>, life: number, value: Promise<T>): Promise<T> {
  const outcome = await value.then(
    (result) => ({ ok: true, result }) as const,
    (error: unknown) => ({ ok: false, error }) as const,
  );
  if (life !== world.life) return new Promise<never>(() => undefined);
  if (!outcome.ok) throw outcome.error;
  return outcome.result;
}

/** Adds a run unless its id exists; the same id for another workflow is a bug. */
export function enqueue<Tx>(
  world: World<Tx>,
  run: Pick<Run, "id" | "workflow" | "input" | "place" | "priority">,
): void {
  const known = world.runs.get(run.id);
  if (known !== undefined && known.workflow !== run.workflow) {
    throw new Error(`run ${run.id} exists already as "${known.workflow}", not as "${run.workflow}"`);
  }
  if (known !== undefined) return;
  const input = stored(`input of ${run.id}`, run.input);
  const fresh = { journal: new Map<number, Entry>(), inbox: [], keys: new Set<string>(), output: null, error: null };
  world.runs.set(run.id, { ...run, ...fresh, input, arrival: world.runs.size, status: "queued" });
  world.moves += 1;
}

export function deliver<Tx>(world: World<Tx>, to: string, message: Message, key: string): void {
  const run = world.runs.get(to);
  if (run === undefined || run.keys.has(key)) return;
  run.keys.add(key);
  run.inbox.push(message);
  wake(world, to);
}

/** Resolves when something happens to the run `id`, or at the instant. */
export function changeOf<Tx>(world: World<Tx>, id: string, at: Temporal.Instant | null): Promise<void> {
  return new Promise((resolve) => {
    const cancel = at === null ? () => undefined : world.timers.set(at, resolve);
    const wakeUp = () => {
      cancel();
      resolve();
    };
    world.waiters = [...world.waiters, { id, wake: wakeUp }];
  });
}

export function wake<Tx>(world: World<Tx>, id: string): void {
  const woken = world.waiters.filter((waiter) => waiter.id === id);
  world.waiters = world.waiters.filter((waiter) => waiter.id !== id);
  world.moves += 1;
  for (const waiter of woken) waiter.wake();
}

/** The runs that may start now: the first of each place at which none is running. */
export function takeStartable<Tx>(world: World<Tx>): readonly Run[] {
  const all = [...world.runs.values()];
  const taken = new Set(all.filter(({ status }) => status === "running").map(({ place }) => spot(place)));
  const waiting = all.filter(({ status }) => status === "queued");
  const started: Run[] = [];
  for (const run of waiting.toSorted((a, b) => a.priority - b.priority || a.arrival - b.arrival)) {
    if (taken.has(spot(run.place))) continue;
    taken.add(spot(run.place));
    run.status = "running";
    started.push(run);
  }
  return started;
}

function spot(place: Place): string {
  return JSON.stringify([place.queue, place.key]);
}

/** What the store would give back; refuses a value that JSON changes, since production would change it too. */
export function stored(what: string, value: unknown): unknown {
  if (value === undefined) return undefined;
  const back: unknown = JSON.parse(JSON.stringify(value));
  if (!isDeepStrictEqual(back, value)) throw new Error(`${what}: the value does not survive JSON unchanged`);
  return back;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
