import { readFileSync } from "node:fs";
import { setPriority } from "node:os";
import { listen } from "#api/listen.ts";
import { buildApp } from "#api/server.ts";
import { agentDeployer } from "#connectors/agent/connector.ts";
import { agentCommander } from "#connectors/agent/commander.ts";
import { unleashFlags } from "#connectors/unleash/connector.ts";
import { prometheusSource } from "#connectors/prometheus/connector.ts";
import type { Commander, Deployer, Failure, FlagKeeper, MetricSource } from "#connectors/port.ts";
import { err } from "#core/result.ts";
import { createLog, type Log } from "#runtime/log.ts";
import { calendarOf } from "#store/calendar.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { sweepViewsOf } from "#store/sweep-views.ts";
import { viewsOf, type StoreViews } from "#store/views.ts";
import { createStarter } from "#workflows/engine/starter.ts";
import { createPool, transaction } from "#store/sql.ts";
import { calendarFaces, type CalendarFaces } from "#usecases/calendar/timetable-faces.ts";
import type { RecordHooks } from "#store/records.ts";
import type { BusinessOperations } from "#usecases/calendar/import-operations.ts";
import type { Records, Transact } from "#usecases/records.ts";
import { noSource } from "#usecases/criteria/sources.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";
import type { FlowStarter } from "#workflows/flow.ts";
import { bindApi } from "#main/bind-api.ts";
import { admitDeps, bindOperations, judge, startRunWith, tellRunWith } from "#main/bind-operations.ts";
import { openFactMemory, type FactMemory } from "#main/fact-memory.ts";
import { bindQuestions } from "#main/bind-questions.ts";
import { bindBusiness } from "#main/bind-business.ts";
import { bindExemption } from "#main/bind-exemption.ts";
import { bindGates, bindHooks } from "#main/bind-gates.ts";
import { bindIntake } from "#main/bind-intake.ts";
import { bindPlans, startCallWith } from "#main/bind-plans.ts";
import { makeWatchOperations } from "#usecases/rollout/watch-operations.ts";
import { makeSequences } from "#usecases/plan/sequences.ts";
import { bindRollback } from "#main/bind-rollback.ts";
import { bindStrategies } from "#main/bind-strategies.ts";
import { bindReservations } from "#main/bind-reservations.ts";
import { bindWaves } from "#main/bind-waves.ts";
import { bindPolicies } from "#main/bind-policies.ts";
import { bindRecords, type Binding } from "#main/bind-records.ts";
import { openDatabase, type Database } from "#main/database.ts";
import { openDomainClock, type DomainClock } from "#main/domain-clock.ts";
import { createEventFeed } from "#store/event-feed.ts";
import { listen as listenForHints } from "#store/event.ts";
import type { ServerSettings } from "#main/settings.ts";
import { engineLog, startWorker, type Worker } from "#main/worker.ts";

export interface RunningServer {
  /** null for a worker: it listens nowhere. */
  readonly url: string | null;
  readonly database: Database;
  readonly stop: () => Promise<void>;
}

interface Base {
  readonly settings: ServerSettings;
  readonly database: Database;
  readonly clock: DomainClock;
  readonly binding: Binding;
  readonly views: StoreViews;
  readonly calendar: CalendarFaces;
  readonly hooks: RecordHooks;
  readonly deployer: Deployer | null;
  readonly memory: FactMemory;
  readonly log: Log;
}

interface Part {
  readonly url: string | null;
  readonly stop: () => Promise<void>;
}

/**
 * Starts what the role asks for, on one database; `stop` ends it in the reverse order. A start that fails half-way (a
 * port that is taken) ends what it had started, the embedded database included.
 */
export async function startServer(settings: ServerSettings): Promise<RunningServer> {
  const log = createLog({ level: settings.logLevel });
  const database = await openDatabase({ databaseUrl: settings.databaseUrl, stateDir: settings.stateDir, log });
  const started: (() => Promise<void>)[] = [
    // With roles of their own other processes still use the embedded server: the last one to start adopts it.
    () => database.close(settings.role === "all" ? "shut-down" : "leave"),
  ];
  const stop = async (): Promise<void> => {
    for (const end of started.toReversed()) await end();
  };
  if (settings.role === "worker") yieldToOthers(log);
  try {
    const url = await startParts(settings, database, log, started);
    return { url, database, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Between 1 and 19; on a machine of its own it makes no difference. */
const workerNiceness = 5;

/**
 * On a machine that is shared with the interface and the database a worker stands back: whoever asks is answered, and the
 * rollouts that were accepted take a little longer (ADR 42).
 */
function yieldToOthers(log: Log): void {
  try {
    setPriority(workerNiceness);
  } catch (error) {
    log.warn({ err: error }, "the worker runs with the priority of everything else");
  }
}

async function startParts(
  settings: ServerSettings,
  database: Database,
  log: Log,
  started: (() => Promise<void>)[],
): Promise<string | null> {
  const clock = await openDomainClock(database.pool, settings.settableClock);
  const hooks: RecordHooks = { organisations: createOrganisationCache() };
  const binding = bindRecords(database.pool, hooks);
  const views = viewsOf(database.pool, hooks);
  const calendar = calendarFaces(calendarOf(database.pool, hooks));
  const memory = openFactMemory({
    pool: database.pool,
    organisations: hooks.organisations,
    now: clock.now,
    log,
    canGoBack: settings.settableClock,
  });
  started.push(memory.stop);
  const base: Base = {
    memory,
    settings,
    database,
    clock,
    binding,
    views,
    calendar,
    hooks,
    deployer: deployerOf(settings),
    log,
  };
  const hints = new Set<() => void>([() => void clock.refresh().catch(() => undefined)]);
  const listener = listenForHints(database.connectionString, () => hints.forEach((call) => call()));
  started.push(() => listener[Symbol.asyncDispose]());
  const isWorker = settings.role !== "api";
  const starter = isWorker ? await startWork(base, (call) => hints.add(call)) : await plainStarter(base);
  started.push(starter.stop);
  if (settings.role === "worker") return null;
  const api = await startApi(base, starter.starter);
  started.push(api.stop);
  return api.url;
}

function deployerOf({ agent }: ServerSettings): Deployer | null {
  return agent === null ? null : agentDeployer(connectionOf(agent));
}

function commanderOf({ agent }: ServerSettings): Commander {
  return agent === null ? noCommands : agentCommander(connectionOf(agent));
}

function flagsOf({ unleash }: ServerSettings): FlagKeeper {
  return unleash === null ? noFlags : unleashFlags(connectionOf(unleash));
}

function prometheusOf({ prometheus }: ServerSettings): MetricSource {
  if (prometheus === null) return noSource("prometheus", "TIDEGATE_PROMETHEUS");
  const { url, tokenFile } = prometheus;
  return prometheusSource(tokenFile === null ? { url } : connectionOf({ url, tokenFile }));
}

function connectionOf({ url, tokenFile }: NonNullable<ServerSettings["agent"]>) {
  return { url, token: readFileSync(tokenFile, "utf8").trim() };
}

function startWork(base: Base, onHint: (call: () => void) => void): Promise<Worker> {
  const { connectionString, pool } = base.database;
  return startWorker({
    ...base,
    sweepViews: sweepViewsOf(pool, base.hooks.organisations),
    feedAllow: base.settings.feedAllow,
    connectionString,
    pool,
    deployer: base.deployer ?? notConnected,
    commander: commanderOf(base.settings),
    flags: flagsOf(base.settings),
    prometheus: prometheusOf(base.settings),
    onHint,
  });
}

async function startApi(base: Base, starter: FlowStarter<Records>): Promise<Part> {
  const { settings, database, log } = base;
  const stopping = new AbortController();
  const report = (error: unknown): void => log.warn({ error: String(error) }, "events could not be read");
  const events = await createEventFeed(database.pool, database.connectionString, report);
  const answerNow = bindQuestions({ pool: database.pool, memory: base.memory, now: base.clock.now, judge });
  const { transact } = base.binding;
  const admitting = admitDeps(base.clock.now, startRunWith(starter));
  const tellRun = tellRunWith(starter);
  const operations = bindOperations(transact, admitting, tellRun, answerNow);
  const planDeps = { ...admitting, tellRun, startCall: startCallWith(starter) };
  const app = buildApp(
    await bindApi({
      ...base,
      operations,
      business: businessOf(base),
      intake: intakeOf(base, starter),
      gates: bindGates(database.pool, transact, admitting),
      hooks: bindHooks({ pool: database.pool, transact, now: base.clock.now, views: base.views }),
      exemptions: bindExemption(base.database.pool, base.binding.transact, { now: base.clock.now, judge }),
      plans: bindPlans(database.pool, transact, planDeps),
      waves: bindWaves(transact, planDeps),
      sequences: makeSequences({ now: base.clock.now, transact }),
      strategies: bindStrategies(database.pool, transact, base.deployer, base.clock.now),
      reservations: bindReservations(database.pool, transact, base.clock.now),
      rollback: bindRollback(transact, planDeps),
      watches: makeWatchOperations({ now: base.clock.now, transact }),
      policies: bindPolicies(base.database.pool, base.hooks, base.database.connectionString),
      events,
      stopping: stopping.signal,
    }),
  );
  const listening = await listen(app, { hostname: settings.host, port: settings.port });
  return {
    url: listening.url,
    stop: async () => {
      stopping.abort();
      await listening.stop();
      await events[Symbol.asyncDispose]();
    },
  };
}

function businessOf({ settings, database, clock, binding, views, hooks, log }: Base): BusinessOperations {
  const { transact } = binding;
  return bindBusiness({
    pool: database.pool,
    transact,
    now: clock.now,
    views,
    hooks,
    log,
    feedAllow: settings.feedAllow,
  });
}

/**
 * Reports of one subject are taken one after the other under a lock; at read committed each sees what the one before it
 * has written, where a snapshot would be older than the lock.
 */
function intakeOf({ database, clock, binding }: Base, starter: FlowStarter<Records>): IntakeOperations {
  const { pool } = database;
  const transact: Transact = (body) => transaction(pool, (client) => body(binding.bind(client)));
  return bindIntake(pool, transact, clock.now, tellRunWith(starter));
}

const starterConnections = 4;

/** A process that only starts runs and sends messages: role `api`. */
async function plainStarter({ database, binding, log }: Base): Promise<Worker> {
  const pool = createPool(database.connectionString, { max: starterConnections, name: "tidegate-starter" });
  const { starter, client } = await createStarter<Records>({
    connectionString: database.connectionString,
    pool,
    clientOf: binding.clientOf,
    log: engineLog(log),
  });
  return {
    starter,
    stop: async () => {
      await client.destroy();
      await pool.end();
    },
  };
}

const noAgent: Failure = {
  code: "no-agent",
  message:
    "No agent is connected to this server: start one with tidegate agent, and the server with --agent and --agent-token-file.",
  retry: "never",
};

/** Everything can be judged without an agent; nothing can be run. */
const notConnected: Deployer = {
  id: "none",
  observe: async () => err(noAgent),
  startVersion: async () => err(noAgent),
  smoke: async () => err(noAgent),
  shift: async () => err(noAgent),
  stopVersion: async () => err(noAgent),
  reach: async () => err(noAgent),
  proveControls: async () => err(noAgent),
  traffic: async () => err(noAgent),
};

const noKeeper = err({
  code: "no-flags",
  message:
    "No system of feature flags is connected to this server: name one with TIDEGATE_UNLEASH and TIDEGATE_UNLEASH_TOKEN_FILE.",
  retry: "never",
} as const);

const noFlags: FlagKeeper = { id: "none", read: async () => noKeeper, switch: async () => noKeeper };

const noCommands: Commander = {
  id: "none",
  run: async () => err(noAgent),
  look: async () => err(noAgent),
  cancel: async () => err(noAgent),
};
