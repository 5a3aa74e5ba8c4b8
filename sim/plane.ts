import type { ClientBase } from "pg";
import { z } from "zod";
import type { Commander, Deployer } from "#connectors/port.ts";
import {
  admitDeps,
  bindOperations,
  digestOf,
  isGateRun,
  judge,
  startRunWith,
  takeBackWith,
  tellRunWith,
} from "#main/bind-operations.ts";
import { bindGates, bindHooks, gateTurns } from "#main/bind-gates.ts";
import { bindIntake } from "#main/bind-intake.ts";
import { bindPlans, startCallWith } from "#main/bind-plans.ts";
import { bindRecords } from "#main/bind-records.ts";
import { createLog } from "#runtime/log.ts";
import { applyWakes } from "#store/deployment-wake.ts";
import type { RecordHooks } from "#store/records.ts";
import { isConnectionLoss, isStoreAway, isTransient, query, sql, transaction } from "#store/sql.ts";
import { sweepViewsOf } from "#store/sweep-views.ts";
import { viewsOf } from "#store/views.ts";
import type { Operations } from "#usecases/operations.ts";
import type { GateOperations } from "#usecases/release/gate-types.ts";
import type { HookOperations } from "#usecases/release/hook-types.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";
import { makeLookAtRuns } from "#usecases/plan/look-at-runs.ts";
import { makeIsAwaited, type OutgoingCall } from "#usecases/plan/make-call.ts";
import type { PlanOperations } from "#usecases/plan/plan-operations.ts";
import type { StepOperations } from "#usecases/plan/step-operations.ts";
import type { StepEnd } from "#usecases/plan/plan-records.ts";
import { fakeFlags } from "#connectors/fake/flags.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Judge } from "#usecases/policy/ask-verdict.ts";
import type { Records, Sight, Transact } from "#usecases/records.ts";
import { makeResumeWaiting } from "#usecases/release/resume-waiting.ts";
import { metricSourcesOf, noSource } from "#usecases/criteria/sources.ts";
import { makeRescueLost } from "#usecases/rollout/rescue-lost.ts";
import { makeActOut } from "#workflows/act-out.ts";
import { makeCallOut } from "#workflows/call-out.ts";
import { makeKeepSights } from "#usecases/rollout/keep-sights.ts";
import { makeDeploy } from "#workflows/deploy.ts";
import { makeLookOut } from "#workflows/look-out.ts";
import { makeTakeBack } from "#workflows/take-back.ts";
import type { SimDatabase } from "./database.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { Mutant } from "./mutants.ts";
import type { Process, Scheduler } from "./scheduler.ts";

/** What a process of the installation does, bound as the server binds it, on the database, clock and targets of the world. */
export interface Plane {
  readonly plans: PlanOperations & StepOperations;
  readonly operations: Operations;
  readonly intake: IntakeOperations;
  readonly gates: GateOperations;
  readonly hooks: HookOperations;
  /** The sweeps of a worker, by name. */
  readonly sweeps: Readonly<Record<SweepName, () => Promise<unknown>>>;
}

export const sweepNames = ["runs", "engine", "waiting", "lost", "hooks", "lapse"] as const;
export type SweepName = (typeof sweepNames)[number];

export interface PlaneParts {
  readonly process: Process;
  readonly database: SimDatabase;
  readonly scheduler: Scheduler;
  readonly now: () => Temporal.Instant;
  readonly fleet: Deployer;
  readonly commander: Commander;
  readonly send: (call: OutgoingCall) => Promise<StepEnd>;
  readonly notice: (situation: string) => void;
  readonly mutant: Mutant;
  /** Configurations that were read, by revision: one for all processes, because reading them takes most of a seed's time. */
  readonly organisations: RecordHooks["organisations"];
}

/** A target's counts are looked at in strides: what a slow process would do anyway. */
const leastPauseMs = 15_000;

export function openPlane(parts: PlaneParts): Plane {
  const { database, process, scheduler, mutant } = parts;
  const { pool } = database;
  const hooks = { organisations: parts.organisations };
  const binding = bindRecords(pool, hooks);
  const origins = new WeakMap<Records, Records>();
  const changed = (records: Records): Records => {
    const other = mutant.records?.(records) ?? records;
    origins.set(other, records);
    return other;
  };
  const clientOf = (records: Records): ClientBase => binding.clientOf(origins.get(records) ?? records);
  const transact: Transact = (body) => binding.transact((records) => body(changed(records)));
  const withRuns = (records: Records, runs: Records["runs"]): Records =>
    changed(binding.withRuns(origins.get(records) ?? records, runs));
  const engine = createEngine({
    id: `${process.name}.${process.life}`,
    pool,
    transact,
    clientOf,
    now: parts.now,
    scheduler,
    spawn: (name, body) => void scheduler.spawn(process, name, body),
    notice: parts.notice,
  });
  const rule: Judge = mutant.judge ?? judge;
  const admitting = { ...admitDeps(parts.now, startRunWith(engine.starter)), judge: rule };
  const tellRun = tellRunWith(engine.starter);
  const deps: PlanDeps = { ...admitting, tellRun, startCall: startCallWith(engine.starter) };
  const intaking: Transact = (body) => transaction(pool, (client) => body(binding.bind(client)));
  const views = viewsOf(pool, hooks);
  registerWorkflows(engine, parts, deps, transact, rule);
  return {
    plans: bindPlans(pool, transact, deps),
    operations: bindOperations(transact, admitting, tellRun),
    intake: bindIntake(pool, intaking, parts.now, tellRun),
    gates: bindGates(pool, transact, admitting),
    hooks: bindHooks({ pool, transact, now: parts.now, views }),
    sweeps: sweepsOf(parts, {
      deps,
      engine,
      transact,
      withRuns,
      views,
      sweepViews: sweepViewsOf(pool, hooks.organisations),
    }),
  };
}

function registerWorkflows(engine: Engine, parts: PlaneParts, deps: PlanDeps, transact: Transact, rule: Judge): void {
  const { scheduler, now, mutant } = parts;
  const deployer = mutant.fleet?.(parts.fleet) ?? parts.fleet;
  const commander = mutant.commander?.(parts.commander) ?? parts.commander;
  const pause = (milliseconds: number): Promise<void> => scheduler.sleep(Math.max(milliseconds, leastPauseMs));
  const sources = metricSourcesOf(parts.fleet, transact, noSource("prometheus", "TIDEGATE_PROMETHEUS"));
  const metrics = { sources, wallNow: now };
  const keep = makeKeepSights(transact);
  const keepSight = async (sight: Sight): Promise<string | null> => (await keep([sight]))[0] ?? null;
  const rollout = { now, transact, judge: rule, digestOf, deployer: parts.fleet, metrics, keepSight, pause };
  engine.register(makeDeploy(rollout));
  engine.register(makeTakeBack(rollout));
  engine.register(makeLookOut({ ...deps, deployer }));
  // No plan of a simulation switches flags.
  const flags = fakeFlags(new Map());
  engine.register(makeActOut({ ...deps, transact, deployer, commander, flags, metrics, pause }));
  engine.register(
    makeCallOut({
      ...deps,
      isAwaited: makeIsAwaited(transact),
      send: (call) => parts.send(mutant.call?.(call) ?? call),
    }),
  );
}

interface Sweeping {
  readonly deps: PlanDeps;
  readonly engine: Engine;
  readonly transact: Transact;
  readonly withRuns: (records: Records, runs: Records["runs"]) => Records;
  readonly views: ReturnType<typeof viewsOf>;
  readonly sweepViews: ReturnType<typeof sweepViewsOf>;
}

function sweepsOf(
  { database: { pool }, now, notice, mutant }: PlaneParts,
  { deps, engine, transact, withRuns, views, sweepViews }: Sweeping,
): Plane["sweeps"] {
  const looking = { ...deps, now: mutant.sweepClock?.(now) ?? now };
  const look = makeLookAtRuns({
    ...looking,
    transact,
    withRuns,
    report: () => notice("run-not-looked-at"),
    transient: { is: isTransient, isLoss: isStoreAway },
  });
  const resume = makeResumeWaiting({
    ...deps,
    transact,
    report: () => notice("waiting-not-judged"),
    transient: { is: isTransient, isLoss: isConnectionLoss, stopwatch: () => now().epochMilliseconds },
  });
  const rescue = makeRescueLost({
    now,
    transact,
    underWay: async () => (await sweepViews.underWay()).filter(({ run }) => !isGateRun(run)),
    ended: async (runs) => {
      const open = sql`select id from sim.flow where id = any(${runs}::text[]) and state in ('queued', 'running')`;
      const known = new Set((await query(pool, open, z.object({ id: z.string() }))).map(({ id }) => id));
      return new Set(runs.filter((run) => !known.has(run)));
    },
    takeBack: takeBackWith(engine.starter),
  });
  const turns = gateTurns({
    pool,
    transact,
    now,
    views,
    admitting: deps,
    settings: { callbackAllow: [], gitHub: null },
    log: createLog({ level: "silent" }),
  });
  return {
    runs: look,
    engine: engine.poll,
    waiting: async () => {
      await applyWakes(pool);
      await resume();
    },
    lost: rescue,
    hooks: turns.handleHooks,
    lapse: turns.lapse,
  };
}
