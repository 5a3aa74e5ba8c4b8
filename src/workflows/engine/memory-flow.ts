import {
  defaultPriority,
  defaultRetry,
  type Flow,
  type Place,
  type RetryPolicy,
  type Workflow,
} from "#workflows/flow.ts";
import { attempt } from "./attempt.ts";
import {
  changeOf,
  diesHere,
  enqueue,
  inLife,
  messageOf,
  stored,
  type Entry,
  type Run,
  type World,
} from "./memory-world.ts";
import { fromStore } from "./stored.ts";

/** One execution of a run, in one life of the process. */
interface Execution<Tx> {
  readonly world: World<Tx>;
  readonly run: Run;
  readonly life: number;
  /** Number of the next recorded thing; taken synchronously, so the order of the calls decides. */
  next: number;
}

export function flowOf<Tx>(world: World<Tx>, run: Run): Flow<Tx> {
  const execution = { world, run, life: world.life, next: 0 };
  return {
    id: run.id,
    step: (name, body, retry) => step(execution, name, body, retry ?? defaultRetry),
    tx: (name, body) => tx(execution, name, body),
    wait: (topic, deadline) => wait(execution, topic, deadline),
    sleep: (until) => sleep(execution, until),
    run: (workflow, input, place, priority) => child(execution, workflow, input, place, priority ?? defaultPriority),
  };
}

/** The recorded outcome if there is one, else that of `make`, which records it. */
async function entry<Tx>(
  execution: Execution<Tx>,
  name: string,
  make: (number: number) => Promise<Entry>,
): Promise<unknown> {
  const number = execution.next;
  execution.next += 1;
  const { run, world, life } = execution;
  const known = run.journal.get(number);
  if (known !== undefined && known.name !== name) {
    throw new Error(`step ${number} of ${run.id} is recorded as "${known.name}", but the code asks for "${name}"`);
  }
  const outcome = known ?? (await inLife(world, life, make(number)));
  if (outcome.kind === "error") throw new Error(outcome.message);
  return structuredClone(outcome.value);
}

function record<Tx>(execution: Execution<Tx>, number: number, outcome: Entry): Entry {
  execution.run.journal.set(number, outcome);
  execution.world.moves += 1;
  return outcome;
}

/** A point at which the process may die; then the caller never goes on. */
async function mortal<Tx>({ world, life }: Execution<Tx>): Promise<void> {
  diesHere(world);
  await inLife(world, life, Promise.resolve());
}

async function working<T, Tx>({ world, life }: Execution<Tx>, body: () => Promise<T>): Promise<T> {
  world.busy += 1;
  try {
    return await inLife(world, life, body());
  } finally {
    world.busy -= 1;
  }
}

async function step<T, Tx>(
  execution: Execution<Tx>,
  name: string,
  body: (key: string) => Promise<T>,
  retry: RetryPolicy,
): Promise<T> {
  const { world, run, life } = execution;
  const value = await entry(execution, name, async (number) => {
    const pause = (ms: number) => inLife(world, life, world.timers.until(world.clock.now().add({ milliseconds: ms })));
    const once = async () => {
      await mortal(execution);
      return working(execution, () => body(`${run.id}:${number}`));
    };
    const outcome = await attempt(retry, pause, once).then(
      (result): Entry => ({ name, kind: "value", value: stored(name, result) }),
      (error: unknown): Entry => ({ name, kind: "error", message: messageOf(error) }),
    );
    await mortal(execution);
    record(execution, number, outcome);
    await mortal(execution);
    return outcome;
  });
  return fromStore<T>(value);
}

async function tx<T, Tx>(execution: Execution<Tx>, name: string, body: (tx: Tx) => Promise<T>): Promise<T> {
  const { world } = execution;
  const value = await entry(execution, name, async (number) => {
    const committed = working(execution, () =>
      world.transact(async (open) => {
        if (diesHere(world)) throw new Error("the process died before the transaction");
        const result = stored(name, await body(open));
        if (diesHere(world)) throw new Error("the process died before the commit");
        const outcome: Entry = { name, kind: "value", value: result };
        // The record commits with the rows: there is no point of death between the two.
        world.afterCommit(open, () => record(execution, number, outcome));
        return outcome;
      }),
    );
    const outcome = await committed.catch((error: unknown) => {
      return record(execution, number, { name, kind: "error", message: messageOf(error) });
    });
    await mortal(execution);
    return outcome;
  });
  return fromStore<T>(value);
}

async function wait<T, Tx>(execution: Execution<Tx>, topic: string, deadline: Temporal.Instant): Promise<T | null> {
  const { world, run, life } = execution;
  const name = `wait ${topic}`;
  const value = await entry(execution, name, async (number) => {
    for (;;) {
      const place = run.inbox.findIndex((message) => message.topic === topic);
      const isOver = Temporal.Instant.compare(world.clock.now(), deadline) >= 0;
      if (place !== -1 || isOver) {
        const message = place === -1 ? undefined : run.inbox.splice(place, 1)[0];
        const outcome = record(execution, number, { name, kind: "value", value: message?.body ?? null });
        await mortal(execution);
        return outcome;
      }
      await inLife(world, life, changeOf(world, run.id, deadline));
    }
  });
  return fromStore<T | null>(value);
}

async function sleep<Tx>(execution: Execution<Tx>, until: Temporal.Instant): Promise<void> {
  const { world, life } = execution;
  await entry(execution, "sleep", async (number) => {
    await inLife(world, life, world.timers.until(until));
    const outcome = record(execution, number, { name: "sleep", kind: "value", value: null });
    await mortal(execution);
    return outcome;
  });
}

async function child<Tx, Input, Output>(
  execution: Execution<Tx>,
  workflow: Workflow<Tx, Input, Output>,
  input: Input,
  place: Place,
  priority: number,
): Promise<Output> {
  const { world, run, life } = execution;
  const name = `run ${workflow.name}`;
  const value = await entry(execution, name, async (number) => {
    const id = `${run.id}-${number}`;
    enqueue(world, { id, workflow: workflow.name, input, place, priority });
    await mortal(execution);
    for (;;) {
      const seen = world.runs.get(id);
      if (seen?.status === "done") return record(execution, number, { name, kind: "value", value: seen.output });
      if (seen?.status === "failed") {
        return record(execution, number, { name, kind: "error", message: seen.error ?? "" });
      }
      await inLife(world, life, changeOf(world, id, null));
    }
  });
  return fromStore<Output>(value);
}
