import { setTimeout as delay } from "node:timers/promises";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { assertStillOwnsWorkflow, runTransaction } from "@dbos-inc/dbos-sdk/datasource";
import type { PoolClient } from "pg";
import {
  defaultPriority,
  defaultRetry,
  type Flow,
  type Place,
  type RetryPolicy,
  type Workflow,
} from "#workflows/flow.ts";
import type { Alarms } from "./alarm.ts";
import { attempt } from "./attempt.ts";
import { dataSourceName, type TransactionCall } from "./data-source.ts";
import type { Lease } from "./lease.ts";
import type { Envelope } from "./starter.ts";
import { fromStore } from "./stored.ts";

/** What all runs of one process share. */
export interface Host<Tx> {
  readonly bind: (client: PoolClient) => Tx;
  readonly lease: Lease;
  readonly alarms: Alarms;
  /** Sends outside of any run, again and again until it is stored. */
  readonly sendDeadline: (run: string, topic: string, wait: string) => void;
  /** The function under which a workflow was registered. */
  readonly registered: (name: string) => (input: unknown) => Promise<unknown>;
  /** A stop waits for what was held and not given back: bodies under way, and results on their way to the store. */
  readonly hold: () => () => void;
}

/** `recv` asks the store this often per waiter, besides being notified; the default of 10 s costs half a core at 10,000. */
const waitPollMs = 300_000;
/** `recv` needs an end; ours is the message of the alarm, so this one is never met (ten years). */
const foreverSeconds = 315_360_000;
/** A parent asks for the result of its child this often. */
const resultPollMs = 500;

export function dbosFlow<Tx>(host: Host<Tx>): Flow<Tx> {
  const id = DBOS.workflowID;
  if (id === undefined) throw new Error("a flow exists only inside a run");
  const ownership = { lapses: host.lease.lapses() };
  const guard = () => mayStart(host, id, ownership);
  return {
    id,
    step: (name, body, retry) => step(host, guard, name, body, retry ?? defaultRetry),
    tx: async (name, body) => {
      const call: TransactionCall = { guard, run: (client) => working(host, () => body(host.bind(client))) };
      const done = await runTransaction(() => Promise.resolve(null), name, { dsName: dataSourceName, config: call });
      return fromStore(done);
    },
    wait: (topic, deadline) => wait(host, id, topic, deadline),
    sleep: (until) => sleep(host, until),
    run: (workflow, input, place, priority) => child(host, workflow, input, place, priority ?? defaultPriority),
  };
}

/**
 * The gate in front of every effect: it opens only while the lease is held. After a lapse (a freeze, an outage) another
 * worker may have taken the run, so its ownership is proven first; DBOS parks a run that fails the proof.
 */
async function mayStart<Tx>({ lease }: Host<Tx>, id: string, ownership: { lapses: number }): Promise<void> {
  await lease.whenHeld();
  const lapses = lease.lapses();
  if (lapses === ownership.lapses) return;
  await lease.whenHeld();
  await assertStillOwnsWorkflow(id);
  ownership.lapses = lapses;
}

async function working<T, Tx>(host: Host<Tx>, body: () => Promise<T>): Promise<T> {
  const release = host.hold();
  try {
    return await body();
  } finally {
    release();
  }
}

async function step<T, Tx>(
  host: Host<Tx>,
  guard: () => Promise<void>,
  name: string,
  body: (key: string) => Promise<T>,
  retry: RetryPolicy,
): Promise<T> {
  const pause = async (ms: number) => {
    await delay(ms);
    await guard();
  };
  let recorded: () => void = () => undefined;
  const run = async () => {
    const key = `${DBOS.workflowID}:${DBOS.stepID}`;
    await guard();
    try {
      return await attempt(retry, pause, () => working(host, () => body(key)));
    } finally {
      recorded = host.hold();
    }
  };
  try {
    return await DBOS.runStep(run, { name });
  } finally {
    recorded();
  }
}

/** The deadline arrives as a message of its own, so message and deadline have one order that a replay repeats. */
async function wait<T, Tx>(host: Host<Tx>, id: string, topic: string, deadline: Temporal.Instant): Promise<T | null> {
  const name = `${topic} until ${deadline.toString()}`;
  const cancel = host.alarms.set(deadline, () => host.sendDeadline(id, topic, name));
  try {
    for (;;) {
      const envelope = await DBOS.recv<Envelope>(topic, {
        timeoutSeconds: foreverSeconds,
        pollingIntervalMs: waitPollMs,
      });
      if (envelope?.kind === "message") return fromStore<T>(envelope.body);
      // The deadline of an earlier wait on this topic, overtaken by the message that ended it.
      if (envelope?.kind === "deadline" && envelope.wait !== name) continue;
      return null;
    }
  } finally {
    cancel();
  }
}

/** One recorded step that lasts until the instant: after a crash the rest is slept, and a shift of the clock is seen. */
async function sleep<Tx>(host: Host<Tx>, until: Temporal.Instant): Promise<void> {
  await DBOS.runStep(() => new Promise<void>((resolve) => void host.alarms.set(until, resolve)), { name: "sleep" });
}

async function child<Tx, Input, Output>(
  host: Host<Tx>,
  workflow: Workflow<Tx, Input, Output>,
  input: Input,
  place: Place,
  priority: number,
): Promise<Output> {
  const enqueueOptions = { queuePartitionKey: place.key, priority };
  const started = await DBOS.startWorkflow(host.registered(workflow.name), { queueName: place.queue, enqueueOptions })(
    input,
  );
  return fromStore<Output>(await started.getResult({ pollingIntervalMs: resultPollMs }));
}
