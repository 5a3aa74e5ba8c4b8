/**
 * The port to the durable engine. Workflow bodies are plain functions over a `Flow` and injected ports; they import
 * no engine. Idioms (ADR 0004):
 * a breach is a value, never an exception · watching is one step · long waits are rows · an abort is a message ·
 * no clock and no randomness outside steps · step names are part of the stored format.
 */
export interface Flow<Tx> {
  /** Id of the run; equal after every recovery. */
  readonly id: string;
  /**
   * Runs `body` at least once and records its result; after a crash a recorded step is not run again.
   * `key` is the idempotency key of the step: equal for every repetition, different for every other step.
   * The result must survive JSON unchanged. Throw for technical failure only: the engine retries it.
   */
  readonly step: <T>(name: string, body: (key: string) => Promise<T>, retry?: RetryPolicy) => Promise<T>;
  /** As `step`, but the checkpoint and the rows written through `tx` commit together: exactly once. */
  readonly tx: <T>(name: string, body: (tx: Tx) => Promise<T>) => Promise<T>;
  /** The next message on a topic, or null at the deadline (an instant of the domain clock). */
  readonly wait: <T>(topic: string, deadline: Temporal.Instant) => Promise<T | null>;
  /** Returns at or after the instant (domain clock); survives restarts. */
  readonly sleep: (until: Temporal.Instant) => Promise<void>;
  /**
   * Runs a child and returns its result; throws if it failed. `queue` and `key`: at most one child per (queue, key) at a
   * time, by priority, then in order of arrival.
   */
  readonly run: <Input, Output>(
    workflow: Workflow<Tx, Input, Output>,
    input: Input,
    place: Place,
    priority?: number,
  ) => Promise<Output>;
}

export interface Workflow<Tx, Input, Output> {
  /** Part of the stored format. */
  readonly name: string;
  readonly body: (flow: Flow<Tx>, input: Input) => Promise<Output>;
}

export interface Place {
  readonly queue: string;
  readonly key: string;
}

/** Limits on the repetition of one step; see `defaultRetry`. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly firstDelayMs: number;
  readonly backoff: number;
}

/** Five attempts within about 8 s: longer than a restart of a target's agent, shorter than anybody's patience. */
export const defaultRetry: RetryPolicy = { maxAttempts: 5, firstDelayMs: 250, backoff: 2.5 };

/** Of runs that wait at the same place the lowest number goes first; a hotfix takes less than this. */
export const defaultPriority = 100;

/** What starts runs and talks to them, from outside; both join the caller's transaction. */
export interface FlowStarter<Tx> {
  /** Starting an id that exists already is a no-op, so a repeated request starts nothing twice. */
  readonly start: (
    tx: Tx,
    run: {
      readonly workflow: string;
      readonly id: string;
      readonly input: unknown;
      readonly place: Place;
      readonly priority?: number;
    },
  ) => Promise<void>;
  readonly send: (
    tx: Tx,
    message: { readonly to: string; readonly topic: string; readonly body: unknown; readonly key: string },
  ) => Promise<void>;
}
