import type { SimDatabase } from "./database.ts";
import type { Plane, SweepName } from "./plane.ts";
import type { Process, Scheduler } from "./scheduler.ts";
import type { Story } from "./story.ts";
import { isExpected } from "./trace.ts";

/** A process of the installation. */
export interface Member {
  readonly process: Process;
  plane: Plane;
  pausedAt: Temporal.Instant | null;
  readonly sweeping: Set<SweepName>;
}

/** The processes of an installation, and the time that passes for all of them. */
export interface Crew {
  readonly workers: readonly Member[];
  readonly apis: readonly Member[];
  readonly inState: (state: Process["state"]) => readonly Member[];
  /** Begins a sweep that is not under way there. */
  readonly sweep: (on: Member, name: SweepName) => void;
  readonly pause: (one: Member) => void;
  readonly wakeUp: (one: Member) => void;
  readonly restart: (one: Member) => void;
  /** Only forward. */
  readonly setClock: (to: Temporal.Instant) => Promise<void>;
  /** When something is due next; without those that look every few seconds for what they wait for. */
  readonly nextDue: (withQueues?: boolean) => Temporal.Instant | null;
}

/** A server ends a transaction that stands idle for that long (`idle_in_transaction_session_timeout`). */
const idleSeconds = 60;

export interface CrewParts {
  readonly story: Story;
  readonly scheduler: Scheduler;
  readonly database: SimDatabase;
  readonly planeOf: (process: Process) => Plane;
}

export function openCrew(parts: CrewParts): Crew {
  const { story, planeOf } = parts;
  const member = (name: string): Member => {
    const process: Process = { name, state: "up", life: 1 };
    return { process, plane: planeOf(process), pausedAt: null, sweeping: new Set() };
  };
  const workers = [member("worker-1"), member("worker-2"), member("worker-3")];
  const apis = [member("api-1"), member("api-2")];
  const everybody = [...workers, ...apis];
  return {
    workers,
    apis,
    inState: (state) => everybody.filter(({ process }) => process.state === state),
    sweep: (on, name) => sweep(parts, on, name),
    pause: (one) => {
      one.process.state = "paused";
      one.pausedAt = story.clock.now();
      story.say(`${one.process.name} freezes`);
      story.notice("paused");
    },
    wakeUp: (one) => {
      one.process.state = "up";
      one.pausedAt = null;
      story.say(`${one.process.name} wakes up`);
      story.notice("zombie-woke");
    },
    restart: (one) => {
      one.process.state = "up";
      one.sweeping.clear();
      one.plane = planeOf(one.process);
      story.say(`${one.process.name} starts again`);
      story.notice("restarted");
    },
    setClock: (to) => setClock(parts, everybody, to),
    nextDue: (withQueues = true) => nextDue(parts, withQueues),
  };
}

function sweep({ scheduler, story }: CrewParts, on: Member, name: SweepName): void {
  if (on.process.state !== "up" || on.sweeping.has(name)) return;
  on.sweeping.add(name);
  const { life } = on.process;
  scheduler.spawn(on.process, `sweep ${name}`, async () => {
    try {
      await on.plane.sweeps[name]();
    } catch (error) {
      if (!isExpected(error)) story.fail(error);
    } finally {
      if (life === on.process.life) on.sweeping.delete(name);
    }
  });
}

async function setClock(
  { story, scheduler, database }: CrewParts,
  everybody: readonly Member[],
  to: Temporal.Instant,
): Promise<void> {
  const { clock } = story;
  if (Temporal.Instant.compare(to, clock.now()) <= 0) return;
  clock.set(to);
  await database.look("update simulated.clock set at = $1", [to.toString()], () => null);
  scheduler.wakeDue();
  for (const one of everybody) {
    if (one.process.state !== "paused" || one.pausedAt === null) continue;
    if (clock.now().since(one.pausedAt).total("seconds") < idleSeconds) continue;
    if ((await database.endIdle(one.process)) > 0) story.notice("idle-transaction-ended");
    await scheduler.settleBlocked();
    one.pausedAt = null;
  }
}

/** Whoever waits in a queue looks every few seconds; what is further away would never be reached by that. */
function nextDue({ story, scheduler }: CrewParts, withQueues: boolean): Temporal.Instant | null {
  const { steps, runs, deployments } = story.last;
  const due = [
    ...steps.flatMap(({ lookAt, state, waits }) =>
      lookAt === null || ((state === "queued" || waits) && !withQueues) ? [] : [lookAt],
    ),
    ...runs.flatMap(({ endedAt, turnedAt, turnAt }) => (endedAt === null && turnedAt === null ? [turnAt] : [])),
    ...deployments.flatMap(({ nextCheckAt }) => (nextCheckAt === null ? [] : [nextCheckAt])),
    ...[scheduler.nextWake()].filter((one) => one !== null),
  ].filter((one) => Temporal.Instant.compare(one, story.clock.now()) > 0);
  return due.toSorted((a, b) => Temporal.Instant.compare(a, b))[0] ?? null;
}
