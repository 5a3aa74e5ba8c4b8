import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { DBOS, type DBOSClient } from "@dbos-inc/dbos-sdk";
import { registerDataSource } from "@dbos-inc/dbos-sdk/datasource";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { dbRetryConfig } from "@dbos-inc/dbos-sdk/internal/utils";
import type { ClientBase, Pool, PoolClient } from "pg";
import { monotonicMs, type Clock } from "#runtime/clock.ts";
import { createPool, firstServerOf, type Isolation } from "#store/sql.ts";
import type { FlowStarter, Workflow } from "#workflows/flow.ts";
import { createAlarms, type Alarms } from "./alarm.ts";
import { createDataSource } from "./data-source.ts";
import { dbosFlow, type Host } from "./dbos-flow.ts";
import { brokenRuns, endedRuns, inspectRun, readHealth, type EngineHealth, type RunView } from "./inspect.ts";
import { createLease, type Lease, type LeaseEvent } from "./lease.ts";
import type { EngineLog } from "./log.ts";
import { applicationName, applicationVersion, createStarter, type Envelope } from "./starter.ts";
import { fromStore } from "./stored.ts";
import { makeReturnStrays } from "./strays.ts";

/*
 * The durable engine: DBOS Transact behind the Flow port (ADR 0004). One instance per process, because DBOS keeps its
 * state in module globals. Life: made → (register) → launched → stopped.
 */

export interface DbosEngineOptions<Tx> {
  readonly connectionString: string;
  /** Wraps the connection of an open transaction for the workflows' `flow.tx`. */
  readonly bind: (client: PoolClient) => Tx;
  /** The connection behind a transaction of the caller: runs and messages are written on it. */
  readonly clientOf: (tx: Tx) => ClientBase;
  /** Every queue that a `Place` may name. */
  readonly queues: readonly string[];
  /** The domain's clock, for `wait` and `sleep`. */
  readonly clock: Clock;
  readonly log: EngineLog;
  /** A worker that has not renewed its lease for this long is dead to the others; default 5 s. */
  readonly ttlMs?: number;
  /** How often a worker looks for queued runs; default 200 ms. */
  readonly queuePollMs?: number;
  /** Of `flow.tx`; default read committed. */
  readonly isolation?: Isolation;
  readonly report?: (event: LeaseEvent) => void;
}

export interface DbosEngine<Tx> {
  /** Before `launch`. */
  readonly register: <Input, Output>(workflow: Workflow<Tx, Input, Output>) => void;
  /** Begins to execute; the schema must have been migrated. */
  readonly launch: () => Promise<void>;
  readonly starter: FlowStarter<Tx>;
  /**
   * Starts no new step, waits for the steps under way (at most `drainMs`) and hands the runs to the other workers.
   * End the process afterwards: open waits of DBOS hold timers that nobody can take back.
   */
  readonly stop: (drainMs?: number) => Promise<void>;
  readonly inspect: (id: string) => Promise<RunView | null>;
  /** Those of the runs for which the engine does nothing more. */
  readonly ended: (runs: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Ids of the latest runs of these workflows that ended without an outcome. */
  readonly broken: (workflows: readonly string[]) => Promise<readonly string[]>;
  readonly health: () => Promise<EngineHealth & { readonly leaseHeld: boolean }>;
  readonly executor: string;
}

const defaultTtlMs = 5_000;
const defaultQueuePollMs = 200;
const defaultDrainMs = 10_000;
/** DBOS: 4 vCPU of the store per 1,000 steps/s; a control plane is far below, so these cover bursts only. */
const systemConnections = 15;
const domainConnections = 10;
const leaseConnections = 2;
/** A run that was claimed this often kills its workers, or has met years of restarts; it is parked as failed. */
const maxRecoveryAttempts = 1_000;
const deadlinePauseMs = 1_000;
/** A connection that is stuck in a query must not hold up the end of the process. */
const closePoolsMs = 1_000;

interface Engine<Tx> {
  readonly options: DbosEngineOptions<Tx>;
  readonly executor: string;
  readonly pools: { readonly system: Pool; readonly domain: Pool; readonly lease: Pool };
  readonly lease: Lease;
  readonly alarms: Alarms;
  readonly client: DBOSClient;
  readonly functions: Map<string, (input: unknown) => Promise<unknown>>;
  /** Ids of the runs whose bodies are executed here now. */
  readonly underWay: Set<string>;
  readonly halt: AbortController;
  busy: number;
  isStopped: boolean;
}

let current: string | null = null;

/** Makes the process's only engine; another one is possible after `stop`. */
export async function createDbosEngine<Tx>(options: DbosEngineOptions<Tx>): Promise<DbosEngine<Tx>> {
  if (current !== null) throw new Error("this process has a DBOS engine already; stop it first");
  const executor = `${hostname()}-${randomUUID()}`;
  current = executor;
  const pools = openPools(options);
  const { starter, client } = await createStarter({ ...options, pool: pools.system });
  const alarms = createAlarms(options.clock);
  const functions: Engine<Tx>["functions"] = new Map();
  const lease = leaseOf(options, executor, pools.lease);
  const parts = { options, executor, pools, lease, alarms, client, functions };
  const engine: Engine<Tx> = {
    ...parts,
    underWay: new Set(),
    halt: new AbortController(),
    busy: 0,
    isStopped: false,
  };
  const host = hostOf(engine);
  registerDataSource(createDataSource({ pool: pools.domain, isolation: options.isolation ?? "read committed" }));
  return {
    executor,
    starter,
    register: (workflow) => register(engine, host, workflow),
    launch: () => launch(engine),
    stop: (drainMs = defaultDrainMs) => stop(engine, drainMs),
    inspect: (id) => inspectRun(pools.domain, id),
    ended: (runs) => endedRuns(pools.domain, runs),
    broken: (workflows) => brokenRuns(pools.domain, workflows),
    health: async () => ({ ...(await readHealth(pools.lease)), leaseHeld: lease.isHeld() }),
  };
}

function openPools<Tx>(options: DbosEngineOptions<Tx>): Engine<Tx>["pools"] {
  const { connectionString, log } = options;
  const report = (error: Error) => log.warn(`database connection: ${error.message}`);
  // A worker that freezes inside a transaction holds its rows: the server lets go of them soon after the lease has ended.
  const idleInTransactionMs = 2 * (options.ttlMs ?? defaultTtlMs);
  // DBOS waits out a lost store but takes a lock or query time-out for the outcome of the run, so it gets none.
  const patient = { lockMs: 0, statementMs: 0, queryMs: 0, idleInTransactionMs };
  const domain = { idleInTransactionMs };
  return {
    system: createPool(connectionString, { max: systemConnections, name: "tidegate-engine", limits: patient, report }),
    domain: createPool(connectionString, { max: domainConnections, name: "tidegate-worker", limits: domain, report }),
    lease: createPool(connectionString, { max: leaseConnections, name: "tidegate-lease", limits: quick, report }),
  };
}

/** A beat that takes longer than this has missed its purpose. */
const quick = { connectMs: 2_000, statementMs: 2_000, lockMs: 2_000, queryMs: 3_000 };

function leaseOf<Tx>(options: DbosEngineOptions<Tx>, executor: string, pool: Pool): Lease {
  const report = (event: LeaseEvent) => {
    options.log.info(`lease of ${executor}: ${JSON.stringify(event)}`);
    options.report?.(event);
  };
  return createLease({ pool, id: executor, ttlMs: options.ttlMs ?? defaultTtlMs, takeOver, report });
}

/** One idempotent UPDATE in DBOS: running → queued, ownership token cleared. */
async function takeOver(dead: readonly string[]): Promise<void> {
  await DBOSExecutor.globalInstance?.recoverPendingWorkflows([...dead]);
}

function hostOf<Tx>(engine: Engine<Tx>): Host<Tx> {
  return {
    bind: engine.options.bind,
    lease: engine.lease,
    alarms: engine.alarms,
    sendDeadline: (run, topic, wait) => void sendDeadline(engine, run, topic, wait),
    registered: (name) => {
      const found = engine.functions.get(name);
      if (found === undefined) throw new Error(`there is no workflow "${name}"`);
      return found;
    },
    hold: () => {
      engine.busy += 1;
      return () => {
        engine.busy -= 1;
      };
    },
  };
}

/** The key makes repetitions harmless; the run itself waits for the message, so this must not give up. */
async function sendDeadline<Tx>(engine: Engine<Tx>, run: string, topic: string, wait: string): Promise<void> {
  const envelope: Envelope = { kind: "deadline", wait };
  while (!engine.isStopped) {
    try {
      await engine.client.send(run, envelope, topic, `deadline of ${wait}`);
      return;
    } catch (error) {
      engine.options.log.warn(`the deadline of run ${run} could not be stored yet: ${String(error)}`);
    }
    await delay(deadlinePauseMs);
  }
}

function register<Tx, Input, Output>(engine: Engine<Tx>, host: Host<Tx>, workflow: Workflow<Tx, Input, Output>): void {
  const { name } = workflow;
  if (engine.functions.has(name)) throw new Error(`the workflow "${name}" is registered twice`);
  const body = async (input: unknown): Promise<unknown> => {
    const flow = dbosFlow(host);
    engine.underWay.add(flow.id);
    try {
      return await workflow.body(flow, fromStore<Input>(input));
    } finally {
      engine.underWay.delete(flow.id);
    }
  };
  engine.functions.set(name, DBOS.registerWorkflow(body, { name, maxRecoveryAttempts }));
}

async function launch<Tx>(engine: Engine<Tx>): Promise<void> {
  const { options, pools } = engine;
  // DBOS's own pauses grow to a minute; a store that is back should not be waited for that long.
  Object.assign(dbRetryConfig, { initialBackoffSec: 0.2, maxBackoffSec: 3 });
  DBOS.setConfig({
    name: applicationName,
    // Its name is read from it; what is sent goes through the pool.
    systemDatabaseUrl: firstServerOf(options.connectionString),
    systemDatabasePool: pools.system,
    applicationVersion,
    enablePatching: true,
    executorID: engine.executor,
    runMigrations: false,
    logger: options.log,
  });
  // The first beat comes before the first claim: a run of an executor without a lease is taken over.
  await engine.lease.start();
  // Queues that exist at the launch are served at once, later ones are found within a second or so.
  for (const queue of options.queues) {
    const minPollingIntervalMs = options.queuePollMs ?? defaultQueuePollMs;
    await engine.client.registerQueue(queue, { partitionConcurrency: 1, minPollingIntervalMs });
  }
  await DBOS.launch();
  void returnStrays(engine);
}

/** Again and again until the stop: what failed is tried at the next turn. */
async function returnStrays<Tx>({ options, pools, executor, underWay, lease, halt }: Engine<Tx>): Promise<void> {
  const look = makeReturnStrays({ pool: pools.lease, executor, isUnderWay: (run) => underWay.has(run) });
  while (!halt.signal.aborted) {
    await delay((options.ttlMs ?? defaultTtlMs) / 2, undefined, { ref: false, signal: halt.signal }).catch(
      () => undefined,
    );
    if (halt.signal.aborted || !lease.isHeld()) continue;
    try {
      const returned = await look();
      if (returned > 0)
        options.log.warn(`${returned} runs were claimed and never begun; they are in their queues again`);
    } catch (error) {
      options.log.warn(`runs that were claimed and never begun could not be looked for: ${String(error)}`);
    }
  }
}

async function stop<Tx>(engine: Engine<Tx>, drainMs: number): Promise<void> {
  if (engine.isStopped) return;
  engine.isStopped = true;
  engine.halt.abort();
  engine.alarms.stop();
  const deadline = monotonicMs() + drainMs;
  await engine.lease.stop();
  while (engine.busy > 0 && monotonicMs() < deadline) await delay(10);
  await handOver(engine.executor);
  await DBOS.shutdown({ deregister: true });
  await engine.client.destroy();
  const closing = Object.values(engine.pools).map((pool) => pool.end());
  await Promise.race([Promise.all(closing), delay(closePoolsMs, undefined, { ref: false })]);
  current = null;
}

/**
 * Gives our runs back at once, so that nobody waits for a lease to expire. First the claiming ends (or we would claim
 * them again), and only then DBOS: without their ownership what still runs here can no longer record an outcome, not
 * even the error of an engine that is gone.
 */
async function handOver(executor: string): Promise<void> {
  if (!DBOS.isInitialized()) return;
  await DBOSExecutor.globalInstance?.deactivateEventReceivers();
  await takeOver([executor]);
}
