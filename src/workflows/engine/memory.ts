import { setImmediate as macrotask } from "node:timers/promises";
import type { ManualClock } from "#runtime/clock.ts";
import { defaultPriority, type FlowStarter, type Place, type Workflow } from "#workflows/flow.ts";
import { flowOf } from "./memory-flow.ts";
import {
  crash,
  createWorld,
  deliver,
  enqueue,
  messageOf,
  stored,
  takeStartable,
  wake,
  type Entry,
  type MemoryStatus,
  type MemoryTransactions,
  type Run,
  type World,
} from "./memory-world.ts";
import { fromStore } from "./stored.ts";

/**
 * The engine for tests and simulation: the semantics of the durable one in memory, on a clock that one sets.
 * Deterministic: the same calls give the same order, ids and histories.
 */
export interface MemoryEngine<Tx> {
  readonly register: <Input, Output>(workflow: Workflow<Tx, Input, Output>) => void;
  readonly starter: FlowStarter<Tx>;
  readonly inspect: (id: string) => MemoryRunView | null;
  /** Puts a run with a recorded history in place, as if this process had found it after a crash. */
  readonly restore: (run: RecordedRun) => void;
  /** Goes on until everything waits for a later instant, a message or nothing. The clock does not move. */
  readonly settle: () => Promise<void>;
  /** Moves the clock to `to`, stopping at every timer on the way. */
  readonly advanceTo: (to: Temporal.Instant) => Promise<void>;
  /** Moves the clock from timer to timer until there is none; throws after `maxTimers`. */
  readonly drain: (maxTimers?: number) => Promise<void>;
  /** The process dies; the next `settle` starts it again. */
  readonly crash: () => void;
  /** Dies at the n-th point (counted from the beginning) at which a process could die. */
  readonly crashAt: (point: number) => void;
  /** Points passed so far: before each effect, after it, and after its record. */
  readonly points: () => number;
}

/** What a version left behind; the next one must be able to carry it on. */
export interface RecordedRun {
  readonly id: string;
  readonly workflow: string;
  readonly input: unknown;
  readonly place: Place;
  readonly journal: readonly Entry[];
}

export interface MemoryRunView {
  readonly id: string;
  readonly workflow: string;
  readonly status: MemoryStatus;
  readonly output: unknown;
  readonly error: string | null;
  /** Names of what was recorded, in order: the stored format of the run. */
  readonly history: readonly string[];
  readonly journal: readonly Entry[];
}

export interface MemoryOptions<Tx> extends MemoryTransactions<Tx> {
  readonly clock: ManualClock;
}

const defaultMaxTimers = 10_000;

export function createMemoryEngine<Tx>(options: MemoryOptions<Tx>): MemoryEngine<Tx> {
  const world = createWorld<Tx>(options.clock, options);
  return {
    register: (workflow) => register(world, workflow),
    starter: starterOf(world),
    inspect: (id) => {
      const run = world.runs.get(id);
      return run === undefined ? null : viewOf(run);
    },
    restore: (run) => restore(world, run),
    settle: () => settle(world),
    advanceTo: (to) => advanceTo(world, to),
    drain: (maxTimers = defaultMaxTimers) => drain(world, maxTimers),
    crash: () => crash(world),
    crashAt: (point) => {
      world.fatalPoint = point;
    },
    points: () => world.points,
  };
}

function register<Tx, Input, Output>(world: World<Tx>, workflow: Workflow<Tx, Input, Output>): void {
  if (world.bodies.has(workflow.name)) throw new Error(`the workflow "${workflow.name}" is registered twice`);
  world.bodies.set(workflow.name, (flow, input) => workflow.body(flow, fromStore<Input>(input)));
}

function restore<Tx>(world: World<Tx>, { journal, ...run }: RecordedRun): void {
  enqueue(world, { ...run, priority: defaultPriority });
  const entries = world.runs.get(run.id)?.journal;
  for (const [number, entry] of journal.entries()) entries?.set(number, entry);
}

function starterOf<Tx>(world: World<Tx>): FlowStarter<Tx> {
  const announced = new Set<string>();
  return {
    start: async (tx, { workflow, id, input, place, priority }) => {
      announced.add(id);
      const run = {
        workflow,
        id,
        input: stored(`input of ${id}`, input),
        place,
        priority: priority ?? defaultPriority,
      };
      world.afterCommit(tx, () => enqueue(world, run));
    },
    send: async (tx, { to, topic, body, key }) => {
      if (!world.runs.has(to) && !announced.has(to)) throw new Error(`there is no run ${to} to send a message to`);
      const message = { topic, body: stored(`message on ${topic}`, body) };
      world.afterCommit(tx, () => deliver(world, to, message, key));
    },
  };
}

async function settle<Tx>(world: World<Tx>): Promise<void> {
  let seen: number;
  do {
    if (world.isDown) restart(world);
    for (const run of takeStartable(world)) execute(world, run);
    seen = world.moves;
    await macrotask();
    // A timer fires only when nothing else is going on, so that equal instants keep their order.
    if (world.busy === 0 && world.moves === seen && !world.isDown && world.timers.fireDue()) world.moves += 1;
  } while (world.isDown || world.busy > 0 || world.moves !== seen);
}

function restart<Tx>(world: World<Tx>): void {
  world.isDown = false;
  for (const run of world.runs.values()) if (run.status === "running") execute(world, run);
}

function execute<Tx>(world: World<Tx>, run: Run): void {
  const { life } = world;
  const body = world.bodies.get(run.workflow);
  world.moves += 1;
  const finish = (change: Partial<Run>) => {
    if (life !== world.life) return;
    Object.assign(run, change);
    wake(world, run.id);
  };
  if (body === undefined) return finish({ status: "failed", error: `there is no workflow "${run.workflow}"` });
  void Promise.resolve()
    .then(() => body(flowOf(world, run), structuredClone(run.input)))
    .then((output) => stored(`result of ${run.id}`, output))
    .then(
      (output) => finish({ status: "done", output }),
      (error: unknown) => finish({ status: "failed", error: messageOf(error) }),
    );
}

async function advanceTo<Tx>(world: World<Tx>, to: Temporal.Instant): Promise<void> {
  await settle(world);
  for (let next = world.timers.next(); next !== null; next = world.timers.next()) {
    if (Temporal.Instant.compare(next, to) > 0) break;
    if (Temporal.Instant.compare(next, world.clock.now()) > 0) world.clock.set(next);
    await settle(world);
  }
  if (Temporal.Instant.compare(to, world.clock.now()) > 0) world.clock.set(to);
  await settle(world);
}

async function drain<Tx>(world: World<Tx>, maxTimers: number): Promise<void> {
  await settle(world);
  for (let fired = 0; ; fired += 1) {
    const next = world.timers.next();
    if (next === null) return;
    if (fired >= maxTimers) throw new Error(`there are timers left after ${maxTimers}`);
    await advanceTo(world, next);
  }
}

function viewOf(run: Run): MemoryRunView {
  const numbers = [...run.journal.entries()].toSorted(([a], [b]) => a - b);
  const { id, workflow, status, output, error } = run;
  const journal = numbers.map(([, entry]) => entry);
  return { id, workflow, status, output, error, journal, history: journal.map(({ name }) => name) };
}
