import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as macrotask } from "node:timers/promises";
import type { ManualClock } from "#runtime/clock.ts";
import type { Random } from "./random.ts";

/*
 * One turn at a time. Whatever touches the world outside a process (a statement, a call to a target, a pause) asks for a
 * turn and waits; the seed says who is next, and everybody stands still until nothing moves any more. So the order of all
 * that happens is a function of the seed, although the statements run on a real server.
 */

/** A process of the installation, or a client of it. A crash ends its life; what the life had begun never goes on. */
export interface Process {
  readonly name: string;
  state: "up" | "paused" | "down";
  life: number;
}

export interface Task {
  readonly id: number;
  readonly name: string;
  readonly process: Process;
  readonly life: number;
  /** Number of the turn in which its current transaction took its first step. */
  begunAt: number;
  isOver: boolean;
}

/** What a turn does to the connection that it uses. */
export interface Line {
  /** True while the server lets it wait for a lock that somebody else of this world holds. */
  readonly isBlocked: () => Promise<boolean>;
  /** The connection is gone: the server rolls back, the process learns of it by the error. */
  readonly lose: () => Promise<Error>;
}

interface Turn {
  readonly task: Task;
  readonly label: string;
  readonly line: Line | null;
  readonly run: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export type TurnView = Pick<Turn, "task" | "label"> & { readonly hasLine: boolean };

/** What goes wrong with a turn: its process ends, or its connection, before the effect or behind it. */
export type TurnFault = "crash-before" | "crash-after" | "lost-before" | "lost-after";

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

export interface SchedulerOptions {
  readonly random: Random;
  readonly clock: ManualClock;
  readonly fault: (turn: TurnView) => TurnFault | null;
  /** The process has ended: its connections are to be ended as the server would. */
  readonly onCrash: (process: Process) => Promise<void>;
  /** After a turn, when nothing moves; `error` is what it ended with. */
  /** A task has ended with an error that its code did not expect. */
  readonly onError: (task: Task, error: unknown) => void;
  readonly onTurn: (
    turn: TurnView,
    outcome: "done" | "failed" | "blocked" | TurnFault,
    error: unknown,
  ) => Promise<void>;
}

export interface Scheduler {
  readonly spawn: (process: Process, name: string, body: () => Promise<void>) => Task;
  /** Waits for its turn, then has the effect; outside of a task it is had at once. */
  readonly turn: <T>(label: string, effect: () => Promise<T>, line?: Line | null) => Promise<T>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Never comes back. */
  readonly park: () => Promise<never>;
  readonly current: () => Task | null;
  /** One turn of somebody; false: nobody can move before the clock does. */
  readonly step: () => Promise<boolean>;
  /** Lets what was begun from outside come to its first wait. */
  readonly quiet: () => Promise<void>;
  readonly crash: (process: Process) => Promise<void>;
  /** Whoever sleeps until now or before wakes up. */
  readonly wakeDue: () => void;
  readonly nextWake: () => Temporal.Instant | null;
  /** After connections were ended from outside: whoever waited for their locks goes on. */
  readonly settleBlocked: () => Promise<void>;
  /** Tasks that have not ended and can still go on. */
  readonly live: () => readonly Task[];
  readonly turns: () => number;
}

/** The same task goes on this often: long enough for work to be done, short enough for others to come between. */
const stay = 0.6;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { random, clock } = options;
  const tasks = new AsyncLocalStorage<Task>();
  const alive = new Set<Task>();
  let ready: Turn[] = [];
  let blocked: { readonly turn: Turn; readonly outcome: Promise<Outcome> }[] = [];
  let sleepers: { readonly due: Temporal.Instant; readonly task: Task; readonly wake: () => void }[] = [];
  let last: Task | null = null;
  let turns = 0;
  let made = 0;

  const isLive = ({ life, process }: Task): boolean => life === process.life && process.state !== "down";
  const never = (): Promise<never> => new Promise<never>(() => undefined);
  const view = ({ task, label, line }: Turn): TurnView => ({ task, label, hasLine: line !== null });
  const quiet = async (): Promise<void> => {
    await macrotask();
  };

  const ask = async <T>(label: string, effect: () => Promise<T>, line: Line | null): Promise<T> => {
    const task = tasks.getStore();
    if (task === undefined) return await effect();
    if (!isLive(task)) return await never();
    return await new Promise<T>((resolve, reject) => {
      let value: T;
      const run = async (): Promise<void> => {
        value = await effect();
      };
      ready.push({ task, label, line, run, reject, resolve: () => resolve(value) });
    });
  };

  const crash = async (process: Process): Promise<void> => {
    process.life++;
    process.state = "down";
    ready = ready.filter(({ task }) => task.process !== process);
    sleepers = sleepers.filter(({ task }) => task.process !== process);
    for (const task of alive) if (task.process === process) alive.delete(task);
    await options.onCrash(process);
    const dead = blocked.filter(({ turn }) => turn.task.process === process);
    blocked = blocked.filter(({ turn }) => turn.task.process !== process);
    await Promise.all(dead.map(({ outcome }) => outcome));
    await settleBlocked();
  };

  /** True when the statement waits for somebody's lock: seen twice, so that a deadlock had the time to be found. */
  const waits = async (line: Line | null, outcome: Promise<Outcome>): Promise<boolean> => {
    for (let seen = 0; ;) {
      if (await within(outcome, seen === 0 ? firstLookMs : lookMs)) return false;
      seen = line !== null && (await line.isBlocked()) ? seen + 1 : 0;
      if (seen === 2) return true;
    }
  };

  const deliver = async (turn: Turn, outcome: Outcome, fault: TurnFault | null): Promise<void> => {
    if (fault === "crash-after") await crash(turn.task.process);
    else if (fault === "lost-after" && turn.line !== null) turn.reject(await turn.line.lose());
    else if (!isLive(turn.task)) return;
    else if (outcome.ok) turn.resolve(outcome.value);
    else turn.reject(outcome.error);
    await quiet();
    if (fault === "lost-after") await settleBlocked();
    await options.onTurn(view(turn), fault ?? (outcome.ok ? "done" : "failed"), outcome.ok ? null : outcome.error);
  };

  /** Who waited for a lock that is free now goes on, and may set others free. */
  const settleBlocked = async (): Promise<void> => {
    for (let moved = true; moved;) {
      moved = false;
      for (const one of blocked) {
        if (await one.turn.line?.isBlocked()) continue;
        if (await waits(one.turn.line, one.outcome)) continue;
        blocked = blocked.filter((other) => other !== one);
        await deliver(one.turn, await one.outcome, null);
        moved = true;
      }
    }
  };

  const take = async (turn: Turn): Promise<void> => {
    turns++;
    last = turn.task;
    const fault = options.fault(view(turn));
    if (fault === "crash-before") {
      await crash(turn.task.process);
      return await options.onTurn(view(turn), fault, null);
    }
    if (fault === "lost-before" && turn.line !== null) {
      turn.reject(await turn.line.lose());
      await quiet();
      await settleBlocked();
      return await options.onTurn(view(turn), fault, null);
    }
    const outcome = turn.run().then(
      (value): Outcome => ({ ok: true, value }),
      (error: unknown): Outcome => ({ ok: false, error }),
    );
    if (await waits(turn.line, outcome)) {
      blocked.push({ turn, outcome });
      return await options.onTurn(view(turn), "blocked", null);
    }
    await deliver(turn, await outcome, fault);
    if (blocked.length > 0 && endsTransaction.test(turn.label)) await settleBlocked();
  };

  return {
    spawn: (process, name, body) => {
      const task: Task = { id: ++made, name, process, life: process.life, begunAt: turns, isOver: false };
      alive.add(task);
      const end = (): void => {
        task.isOver = true;
        alive.delete(task);
      };
      void tasks.run(task, body).then(end, (error: unknown) => {
        end();
        options.onError(task, error);
      });
      return task;
    },
    turn: (label, effect, line = null) => ask(label, effect, line),
    sleep: (milliseconds) => {
      const task = tasks.getStore();
      if (task === undefined) return Promise.resolve();
      const due = clock.now().add({ milliseconds: Math.ceil(milliseconds) });
      return new Promise((resolve) => {
        sleepers.push({ due, task, wake: () => ready.push({ ...nothing, task, resolve: () => resolve() }) });
      });
    },
    park: never,
    current: () => tasks.getStore() ?? null,
    step: async () => {
      await quiet();
      const able = ready.filter(({ task }) => task.process.state === "up");
      if (able.length === 0) return false;
      const same = able.filter(({ task }) => task === last);
      const turn = random.pick(same.length > 0 && random.chance(stay) ? same : able);
      ready = ready.filter((other) => other !== turn);
      await take(turn);
      return true;
    },
    quiet,
    crash,
    wakeDue: () => {
      const due = sleepers.filter((one) => Temporal.Instant.compare(one.due, clock.now()) <= 0);
      sleepers = sleepers.filter((one) => !due.includes(one));
      for (const one of due.toSorted((a, b) => Temporal.Instant.compare(a.due, b.due))) one.wake();
    },
    nextWake: () =>
      sleepers
        .filter(({ task }) => task.process.state === "up")
        .map(({ due }) => due)
        .toSorted((a, b) => Temporal.Instant.compare(a, b))[0] ?? null,
    settleBlocked,
    live: () => [...alive],
    turns: () => turns,
  };
}

const endsTransaction = /^(commit|rollback)/i;

const nothing = { label: "wake", line: null, run: () => Promise.resolve(), reject: () => undefined };

/** A statement that takes longer than this is looked at: it may wait for a lock. */
const firstLookMs = 8;
/** Between two looks at a statement that waits; longer than the server needs to find a deadlock. */
const lookMs = 4;

/** Real milliseconds: whether the server lets a statement wait cannot be seen otherwise. */
async function within(outcome: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const done = await Promise.race([outcome.then(() => true), late]);
  clearTimeout(timer);
  return done;
}
