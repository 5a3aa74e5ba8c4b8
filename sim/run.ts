import { createOrganisationCache } from "#store/organisation.ts";
import { manualClock } from "#runtime/clock.ts";
import type { Process, TurnFault, TurnView } from "./scheduler.ts";
import { createScheduler } from "./scheduler.ts";
import { openClients } from "./clients.ts";
import type { SimDatabase, Store } from "./database.ts";
import { checkEnd } from "./end-invariants.ts";
import { checkStep, grantedAndQueued } from "./invariants.ts";
import type { Mutant } from "./mutants.ts";
import { openPeople } from "./people.ts";
import { openPlane, type Plane, type SweepName } from "./plane.ts";
import { surroundWith } from "./process.ts";
import { empty, isSettled, neededSweeps, unsettled } from "./quiet.ts";
import { randomOf } from "./random.ts";
import { readSnapshotOf, type Snapshot } from "./snapshot.ts";
import { calledSystem, faultyFleet } from "./target.ts";
import { tell } from "./tell.ts";
import { errorCode, hash256, isExpected, shorten } from "./trace.ts";
import { Violation, type InvariantId, type Seen } from "./violation.ts";
import { firstInstant, fleet as openFleet, usual } from "./world.ts";

export interface SeedReport {
  readonly seed: bigint;
  readonly violation: { readonly id: InvariantId | "none"; readonly message: string } | null;
  readonly trace: readonly string[];
  readonly situations: ReadonlyMap<string, number>;
  readonly turns: number;
  readonly commits: number;
  readonly faults: number;
  readonly runs: number;
  readonly ended: number;
  readonly virtualSeconds: number;
  /** Digest over every turn: two runs of one seed agree in it or were not the same. */
  readonly digest: string;
}

export interface SeedOptions {
  readonly seed: bigint;
  readonly store: Store;
  readonly mutant: Mutant;
}

/** Things that happen in the storm, people's and others', before the faults are over. */
const stormActs = 34;
/** Tasks under way at the same time: enough to meet, few enough to come to an end. */
const maxTasks = 7;
/** Rounds after the storm in which everything must have come to its end. */
const maxRounds = 120;
/** Rounds after the storm in which targets go on as they like: most calls are made then. */
const roughRounds = 8;
/** Looks of a worker after which whoever was given what it waits for has begun. */
const wakeRounds = 6;
const maxFaults = 9;
/** A server ends a transaction that stands idle for that long (`idle_in_transaction_session_timeout`). */
const idleSeconds = 60;

const stormWeights = { person: 34, sweep: 46, clock: 12, pause: 2, resume: 4, restart: 8 } as const;
const sweepWeights: Readonly<Record<SweepName, number>> = {
  runs: 30,
  engine: 40,
  waiting: 12,
  lost: 3,
  hooks: 6,
  lapse: 1,
};

interface Member {
  readonly process: Process;
  plane: Plane;
  pausedAt: Temporal.Instant | null;
  readonly sweeping: Set<SweepName>;
}

export async function runSeed({ seed, store, mutant }: SeedOptions): Promise<SeedReport> {
  const random = randomOf(seed);
  const clock = manualClock(firstInstant);
  const clients = openClients();
  const trace: string[] = [];
  const digest = hash256();
  const situations = new Map<string, number>();
  const notice = (situation: string): void => void situations.set(situation, (situations.get(situation) ?? 0) + 1);
  const named = new Map<string, string>();
  const say = (line: string): void => void trace.push(`${clock.now().toString()} ${shorten(line, named)}`);
  const failures: unknown[] = [];
  let isStorm = true;
  let isRough = true;
  let faults = 0;
  let commits = 0;
  const wrote = new Map<number, number>();
  let last: Snapshot | null = null;
  let configuration: { readonly frozen: boolean; readonly cluster: number } = usual;
  let frozenSince: number | null = null;
  const blockedSince = new Map<string, number>();
  const endedSteps = new Map<string, number>();
  const chaos = random.fork("faults");

  const fault = (turn: TurnView): TurnFault | null => {
    if (!isStorm || faults >= maxFaults || turn.task.process.name === "world") return null;
    const isCommit = turn.label === "commit";
    if (!chaos.chance(isCommit ? 0.03 : turn.label.startsWith("call") ? 0.05 : 0.004)) return null;
    faults++;
    const kind = turn.hasLine
      ? chaos.weighted({ "crash-before": 2, "crash-after": 3, "lost-before": 2, "lost-after": 3 })
      : chaos.weighted({ "crash-before": 1, "crash-after": 1 });
    notice(kind);
    if (isCommit && kind.endsWith("after")) notice("commit-reply-lost");
    return kind;
  };

  const scheduler = createScheduler({
    random: random.fork("turns"),
    clock,
    fault,
    onCrash: (process) => database.onCrash(process),
    onError: (_task, error) => {
      failures.push(error);
    },
    onTurn: async (turn, outcome, error) => {
      const code = error === null ? "" : errorCode(error);
      digest.add(`${turn.task.name}|${turn.label}|${outcome}|${code}`);
      if (code === "40001" || code === "40P01") notice("conflict");
      if (outcome === "blocked") notice("blocked");
      if (outcome !== "done" && outcome !== "failed")
        say(`${turn.task.process.name}/${turn.task.name}: ${outcome} at "${turn.label}"`);
      if (turn.label.startsWith("begin")) turn.task.begunAt = scheduler.turns();
      if (writes.test(turn.label)) wrote.set(turn.task.id, scheduler.turns());
      if (
        turn.label === "commit" &&
        wrote.delete(turn.task.id) &&
        outcome !== "lost-before" &&
        outcome !== "crash-before"
      ) {
        commits++;
        await look(turn.task.begunAt, `${turn.task.process.name}/${turn.task.name}`);
      }
    },
  });
  surroundWith({ scheduler, clock, random: random.fork("process") });
  const database: SimDatabase = await store.begin(scheduler);
  if (mutant.prepare !== undefined) await database.look(mutant.prepare, [], () => null);

  const outside: Process = { name: "world", state: "up", life: 1 };
  const targets = {
    random: random.fork("targets"),
    scheduler,
    now: clock.now,
    isFaulty: () => isRough,
    notice,
    trace: say,
    later: (name: string, body: () => Promise<void>) => void scheduler.spawn(outside, name, body),
  };
  const called = calledSystem(targets);
  const fleet = openFleet(clock.now, () => Promise.resolve());
  const faulty = faultyFleet(targets, fleet);
  const organisations = createOrganisationCache();
  const planeOf = (process: Process): Plane =>
    openPlane({
      organisations,
      process,
      database,
      scheduler,
      now: clock.now,
      fleet: faulty,
      send: called.receive,
      notice,
      mutant,
    });
  const member = (name: string): Member => {
    const process: Process = { name, state: "up", life: 1 };
    return { process, plane: planeOf(process), pausedAt: null, sweeping: new Set() };
  };
  const workers = [member("worker-1"), member("worker-2"), member("worker-3")];
  const apis = [member("api-1"), member("api-2")];
  const everybody = [...workers, ...apis];

  const seen = (begunAt: number): Seen => ({
    now: clock.now(),
    turn: scheduler.turns(),
    asked: clients.all,
    arrivals: called.ledger,
    lies: called.lies,
    attempts: called.attempts,
    fleet,
    capacities: new Map([
      ["orders-db", 1],
      ["cluster", 2],
    ]),
    begunAt,
    frozenSince,
    blockedSince,
    endedSteps,
    webhooks: people.webhooks,
  });

  const look = async (begunAt: number, by: string): Promise<void> => {
    const next = await readSnapshotOf(database);
    if (last !== null) {
      tell({ before: last, after: next, by }, { say, notice, ended: (id) => endedSteps.set(id, scheduler.turns()) });
      for (const { id } of [...next.holds, ...next.stops])
        if (!blockedSince.has(id)) blockedSince.set(id, scheduler.turns());
      try {
        checkStep(last, next, seen(begunAt));
      } catch (error) {
        failures.push(error);
      }
    }
    last = next;
  };

  const actors = random.fork("actors");
  const people = openPeople({
    random: random.fork("people"),
    scheduler,
    clients,
    now: clock.now,
    snapshot: () => last ?? empty,
    api: () => {
      const up = apis.filter(({ process }) => process.state === "up");
      return up.length === 0 ? null : actors.pick(up);
    },
    notice,
    trace: say,
    configured: (next) => {
      frozenSince = next.frozen ? (configuration.frozen ? frozenSince : scheduler.turns()) : null;
      configuration = next;
    },
  });

  const sweep = (on: Member, name: SweepName): void => {
    if (on.process.state !== "up" || on.sweeping.has(name)) return;
    on.sweeping.add(name);
    const { life } = on.process;
    scheduler.spawn(on.process, `sweep ${name}`, async () => {
      try {
        await on.plane.sweeps[name]();
      } catch (error) {
        if (!isExpected(error)) failures.push(error);
      } finally {
        if (life === on.process.life) on.sweeping.delete(name);
      }
    });
  };

  const setClock = async (to: Temporal.Instant): Promise<void> => {
    if (Temporal.Instant.compare(to, clock.now()) <= 0) return;
    clock.set(to);
    await database.look("update simulated.clock set at = $1", [to.toString()], () => null);
    scheduler.wakeDue();
    for (const one of everybody) {
      if (one.process.state !== "paused" || one.pausedAt === null) continue;
      if (clock.now().since(one.pausedAt).total("seconds") < idleSeconds) continue;
      if ((await database.endIdle(one.process)) > 0) notice("idle-transaction-ended");
      await scheduler.settleBlocked();
      one.pausedAt = null;
    }
  };

  /** Whoever waits in a queue looks every few seconds; what is further away would never be reached by that. */
  const nextDue = (withQueues = true): Temporal.Instant | null => {
    const at = last ?? empty;
    const due = [
      ...at.steps.flatMap(({ lookAt, state }) =>
        lookAt === null || (state === "queued" && !withQueues) ? [] : [lookAt],
      ),
      ...at.runs.flatMap(({ endedAt, turnedAt, turnAt }) => (endedAt === null && turnedAt === null ? [turnAt] : [])),
      ...at.deployments.flatMap(({ nextCheckAt }) => (nextCheckAt === null ? [] : [nextCheckAt])),
      ...[scheduler.nextWake()].filter((one) => one !== null),
    ].filter((one) => Temporal.Instant.compare(one, clock.now()) > 0);
    return due.toSorted((a, b) => Temporal.Instant.compare(a, b))[0] ?? null;
  };

  const restart = (one: Member): void => {
    one.process.state = "up";
    one.sweeping.clear();
    one.plane = planeOf(one.process);
    say(`${one.process.name} starts again`);
    notice("restarted");
  };
  const wakeUp = (one: Member): void => {
    one.process.state = "up";
    one.pausedAt = null;
    say(`${one.process.name} wakes up`);
    notice("zombie-woke");
  };
  const inState = (state: Process["state"]): readonly Member[] =>
    everybody.filter(({ process }) => process.state === state);

  const storm: Readonly<Record<keyof typeof stormWeights, () => Promise<void> | void>> = {
    person: () => people.act(),
    sweep: () => sweep(actors.pick(workers), actors.weighted(sweepWeights)),
    clock: async () => {
      const kind = actors.weighted({ seconds: 3, due: 6, hours: 1 });
      if (kind === "hours") notice("clock-jump");
      const next = kind === "due" ? nextDue() : null;
      const by = kind === "hours" ? 3600 * (1 + actors.below(9)) : 1 + actors.below(40);
      await setClock(next ?? clock.now().add({ seconds: by }));
    },
    pause: () => {
      const up = inState("up");
      if (up.length < 4) return;
      const one = actors.pick(up);
      one.process.state = "paused";
      one.pausedAt = clock.now();
      say(`${one.process.name} freezes`);
      notice("paused");
    },
    resume: () => inState("paused").slice(0, 1).forEach(wakeUp),
    restart: () => inState("down").slice(0, 1).forEach(restart),
  };

  const settleAll = async (): Promise<void> => {
    while (failures.length === 0 && (await scheduler.step())) continue;
  };

  try {
    last = await readSnapshotOf(database);
    for (let acts = 0; acts < stormActs && failures.length === 0;) {
      const canStep = scheduler.live().length > 0 && (scheduler.live().length >= maxTasks || actors.chance(0.88));
      if (canStep && (await scheduler.step())) continue;
      acts++;
      await storm[actors.weighted(stormWeights)]();
    }
    isStorm = false;
    say("the storm of faults is over");
    inState("paused").forEach(wakeUp);
    inState("down").forEach(restart);
    await settleAll();
    let round = 0;
    let forgotten = new Map<string, number>();
    for (; round < maxRounds && failures.length === 0; round++) {
      if (isRough && round === roughRounds) {
        isRough = false;
        say("the targets behave");
      }
      await look(scheduler.turns(), "world");
      if (isSettled(last ?? empty) && round > 0) break;
      forgotten = new Map(grantedAndQueued(last ?? empty).map((id) => [id, (forgotten.get(id) ?? 0) + 1]));
      for (const [id, rounds] of forgotten) {
        if (rounds > wakeRounds) throw new Violation("I17", `${id} has been given what it uses and does not begin.`);
      }
      people.attend(round);
      await settleAll();
      for (const name of neededSweeps(last ?? empty, round))
        sweep(workers[round % workers.length] ?? actors.pick(workers), name);
      await settleAll();
      // What nothing is due for ends by an age: a gate that nobody claims, a lease of a worker that is no more.
      await setClock(nextDue(round % 4 === 0) ?? clock.now().add(round < 4 ? { seconds: 20 } : { hours: 6 }));
      await settleAll();
    }
    if (failures.length === 0) {
      await look(scheduler.turns(), "world");
      const left = isSettled(last ?? empty) ? null : unsettled(last ?? empty);
      if (left !== null) throw new Violation("I17", `${round} rounds after the faults were over this is left: ${left}`);
      checkEnd(last ?? empty, seen(scheduler.turns()));
    }
  } catch (error) {
    failures.push(error);
  } finally {
    surroundWith(null);
    await database.close();
  }
  const at = last ?? empty;
  return {
    seed,
    violation: failures.length === 0 ? null : violationOf(failures[0], named),
    trace,
    situations,
    turns: scheduler.turns(),
    commits,
    faults,
    runs: at.runs.length,
    ended: at.runs.filter(({ endedAt }) => endedAt !== null).length,
    virtualSeconds: Math.round(clock.now().since(firstInstant).total("seconds")),
    digest: digest.end(),
  };
}

const writes = /^(insert|update|delete|with)\b/i;

function violationOf(failure: unknown, names: Map<string, string>): NonNullable<SeedReport["violation"]> {
  if (failure instanceof Violation) return { id: failure.id, message: shorten(failure.message, names) };
  const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  return { id: "none", message: shorten(text, names) };
}
