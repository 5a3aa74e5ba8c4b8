import type { Pool } from "pg";
import { monotonicMs, systemClock, wallMs } from "#runtime/clock.ts";
import { maxBaselineWeeks } from "#core/criteria/criterion.ts";
import { newId } from "#runtime/ids.ts";
import { pruneTokens } from "#store/access.ts";
import { pruneEvents } from "#store/event.ts";
import { applyWakes } from "#store/deployment-wake.ts";
import { pruneFactChanges } from "#store/fact-change.ts";
import { pruneAnswers } from "#store/idempotency.ts";
import type { SweepViews } from "#store/sweep-views.ts";
import { pruneTelemetry } from "#store/telemetry.ts";
import { isConnectionLoss, isTransient } from "#store/sql.ts";
import type { Commander, Deployer, FlagKeeper, MetricSource } from "#connectors/port.ts";
import type { Log } from "#runtime/log.ts";
import type { Views } from "#usecases/views.ts";
import { makeAdoptLive } from "#usecases/release/adopt-live.ts";
import { makeRefreshCalendars } from "#usecases/calendar/import-refresh.ts";
import { makeRefreshRotas } from "#usecases/calendar/rota-refresh.ts";
import { makeNoteSilence } from "#usecases/release/note-silence.ts";
import { makeResumeNamed, makeResumeWaiting, type ResumeWaitingDeps } from "#usecases/release/resume-waiting.ts";
import { makeRescueSteps } from "#usecases/plan/rescue-steps.ts";
import { makeWatchLive } from "#usecases/rollout/watch-live.ts";
import { makeRescueLost } from "#usecases/rollout/rescue-lost.ts";
import { makeLookOut } from "#workflows/look-out.ts";
import { actQueue, makeActOut } from "#workflows/act-out.ts";
import { makeIsAwaited } from "#usecases/plan/make-call.ts";
import { callQueue, makeCallOut } from "#workflows/call-out.ts";
import { environmentQueue, makeDeploy } from "#workflows/deploy.ts";
import { makeTakeBack } from "#workflows/take-back.ts";
import { createDbosEngine, type DbosEngine } from "#workflows/engine/dbos.ts";
import type { EngineLog } from "#workflows/engine/log.ts";
import { sweepDecisions, sweepLeft } from "#main/bind-rollback.ts";
import { callWorkflows, sendCallWith, startCallWith, sweepRuns } from "#main/bind-plans.ts";
import { refreshDeps, refreshRotasDeps } from "#main/bind-business.ts";
import { patiently } from "#main/patience.ts";
import {
  admitDeps,
  isGateRun,
  judge,
  rolloutDeps,
  startRunWith,
  takeBackWith,
  tellRunWith,
} from "#main/bind-operations.ts";
import { bindRejudge } from "#main/bind-rejudge.ts";
import type { FactMemory } from "#main/fact-memory.ts";
import { gateSweeps } from "#main/gate-sweeps.ts";
import type { GateSettings } from "#main/settings.ts";
import { loop, type Sweep } from "#main/sweep.ts";
import type { Binding } from "#main/bind-records.ts";
import type { DomainClock } from "#main/domain-clock.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { RolloutDeps } from "#usecases/rollout/change.ts";
import type { Records } from "#usecases/records.ts";
import type { FlowStarter } from "#workflows/flow.ts";

export interface WorkerParts {
  readonly connectionString: string;
  readonly pool: Pool;
  readonly binding: Binding;
  readonly clock: DomainClock;
  readonly memory: FactMemory;
  readonly deployer: Deployer;
  readonly commander: Commander;
  readonly flags: FlagKeeper;
  readonly prometheus: MetricSource;
  readonly log: Log;
  readonly views: Pick<Views, "people">;
  readonly sweepViews: SweepViews;
  readonly settings: GateSettings;
  readonly feedAllow: readonly string[];
  /** Wakes the sweep early; it comes every second all the same. */
  readonly onHint: (call: () => void) => void;
}

export interface Worker {
  readonly starter: FlowStarter<Records>;
  readonly stop: () => Promise<void>;
}

/** Due work is looked for at least this often, on every worker, whether or not anybody calls. */
const sweepEveryMs = 1000;

/** Executes runs and sweeps waiting work until it is stopped. */
export async function startWorker(parts: WorkerParts): Promise<Worker> {
  const { binding, clock, log } = parts;
  const engine = await createDbosEngine<Records>({
    connectionString: parts.connectionString,
    bind: binding.bind,
    clientOf: binding.clientOf,
    queues: [environmentQueue, callQueue, actQueue],
    clock,
    log: engineLog(log),
    isolation: "repeatable read",
  });
  const rollout = rolloutDeps(binding.transact, clock.now, parts.deployer, parts.prometheus);
  engine.register(makeDeploy(rollout));
  engine.register(makeTakeBack(rollout));
  const plans = planDepsOf(parts, engine.starter);
  const transact = patiently(binding.transact);
  const send = sendCallWith(transact, parts.settings.callbackAllow);
  engine.register(makeCallOut({ ...plans, send, isAwaited: makeIsAwaited(transact) }));
  engine.register(makeLookOut({ ...plans, deployer: parts.deployer }));
  engine.register(makeActOut({ ...plans, ...rollout, transact, commander: parts.commander, flags: parts.flags }));
  await engine.launch();
  const sweeps = [
    sweepWaiting(parts, engine.starter),
    sweepLost(parts, engine, plans),
    sweepTargets(parts),
    sweepCalendars(parts),
    sweepReporters(parts),
    sweepLive(parts, engine.starter, rollout),
    sweepLeftovers(parts),
    sweepRuns(plans, binding, log, parts.onHint),
    sweepDecisions(plans, binding.transact, log, parts.onHint),
    sweepLeft({ now: parts.clock.now, transact: binding.transact, deployer: parts.deployer }, log, parts.onHint),
    ...gateSweeps(parts, engine.starter),
  ];
  return {
    starter: engine.starter,
    stop: async () => {
      await Promise.all(sweeps.map((sweep) => sweep.stop()));
      await engine.stop();
    },
  };
}

function planDepsOf({ clock }: WorkerParts, starter: FlowStarter<Records>): PlanDeps {
  const admitting = admitDeps(clock.now, startRunWith(starter));
  return { ...admitting, tellRun: tellRunWith(starter), startCall: startCallWith(starter) };
}

function sweepWaiting(parts: WorkerParts, starter: FlowStarter<Records>): Sweep {
  const { binding, clock, log } = parts;
  const deps: ResumeWaitingDeps = {
    now: clock.now,
    judge,
    transact: binding.transact,
    startRun: startRunWith(starter),
    report: (deployment, error) => log.error({ deployment, error: String(error) }, "waiting work could not be judged"),
    transient: { is: isTransient, isLoss: isConnectionLoss, stopwatch: monotonicMs },
  };
  const resume = makeResumeWaiting(deps);
  const { pool, memory } = parts;
  const rejudge = bindRejudge({ pool, memory, now: clock.now, judge, resume: makeResumeNamed(deps) });
  // Whatever is wrong with facts in memory, the sweep from the database goes on.
  const rejudgeAll = async (): Promise<void> => {
    try {
      await rejudge();
    } catch (error) {
      log.warn({ error: String(error) }, "waiting work could not be judged in bulk");
    }
  };
  const body = async (): Promise<void> => {
    await clock.refresh();
    await applyWakes(parts.pool);
    await rejudgeAll();
    await resume();
  };
  return loop(body, sweepEveryMs, log, parts.onHint);
}

/** Lost runs are looked for this often; a run is lost only when the engine says that it has ended. */
const lookForLostEveryMs = 5000;

function sweepLost(parts: WorkerParts, engine: DbosEngine<Records>, plans: PlanDeps): Sweep {
  const { binding, clock, sweepViews, log } = parts;
  const rescue = makeRescueLost({
    now: clock.now,
    transact: binding.transact,
    underWay: async () => (await sweepViews.underWay()).filter(({ run }) => !isGateRun(run)),
    ended: engine.ended,
    takeBack: takeBackWith(engine.starter),
  });
  const rescueSteps = makeRescueSteps({
    ...plans,
    transact: binding.transact,
    brokenCalls: () => engine.broken(callWorkflows),
  });
  const body = async (): Promise<void> => {
    const found = (await rescue()) + (await rescueSteps());
    if (found > 0) log.error({ found }, "runs ended without an outcome and were rescued");
  };
  return loop(body, lookForLostEveryMs, log, () => undefined);
}

/** Targets of which nothing is known are looked at this often. */
const lookAtTargetsEveryMs = 5000;

function sweepTargets({ binding, clock, deployer, sweepViews, log }: WorkerParts): Sweep {
  const { unseen } = sweepViews;
  const adopt = makeAdoptLive({ now: clock.now, transact: binding.transact, deployer, unseen });
  return loop(
    async () => void (await adopt()),
    lookAtTargetsEveryMs,
    log,
    () => undefined,
  );
}

/** Subscribed calendars have times of their own; this is how soon a changed configuration is seen without a hint. */
const lookAtCalendarsEveryMs = 5000;

function sweepCalendars({ binding, clock, log, feedAllow, onHint }: WorkerParts): Sweep {
  const parts = { transact: binding.transact, now: clock.now, log, feedAllow };
  const refreshCalendars = makeRefreshCalendars(refreshDeps(parts));
  const refreshRotas = makeRefreshRotas(refreshRotasDeps(parts));
  const body = async (): Promise<void> => {
    await refreshCalendars();
    await refreshRotas();
  };
  return loop(body, lookAtCalendarsEveryMs, log, onHint);
}

/** Each live version has its own time; this is how late a look may be. */
const lookAtLiveEveryMs = 500;

function sweepLive(
  { binding, clock, deployer, log }: WorkerParts,
  starter: FlowStarter<Records>,
  { metrics, pause }: Pick<RolloutDeps, "metrics" | "pause">,
): Sweep {
  const admitting = admitDeps(clock.now, startRunWith(starter));
  const watchLive = makeWatchLive({ ...admitting, transact: binding.transact, deployer, metrics, pause });
  return loop(
    async () => void (await watchLive()),
    lookAtLiveEveryMs,
    log,
    () => undefined,
  );
}

/** A silence is on record within this time; verdicts know of it at once. */
const lookAtReportersEveryMs = 5000;

function sweepReporters({ binding, clock, log }: WorkerParts): Sweep {
  const noteSilence = makeNoteSilence({
    now: clock.now,
    transact: binding.transact,
    newReportId: () => newId("report"),
  });
  const body = async (): Promise<void> => {
    const found = await noteSilence();
    if (found > 0) log.warn({ found }, "sources have not reported again as they had promised");
  };
  return loop(body, lookAtReportersEveryMs, log, () => undefined);
}

const pruneEveryMs = 60 * 60 * 1000;
/** A stream that was away for longer looks at everything anew. */
const keepEventsHours = 72;
/** Facts in memory are brought up to date every second; whoever was away for longer reads everything anew. */
const keepChangesMinutes = 120;
/** Longer than any client repeats a request. */
const keepAnswersHours = 48;
/** The farthest week that a baseline may reach, and one more. */
const keepTelemetrySeconds = (maxBaselineWeeks + 1) * 7 * 24 * 60 * 60;
/** In one pass: what comes in within an hour is less. */
const pruneTelemetryRows = 500_000;
const keepTokens = { hours: 24 * 90 } as const;

/** Removes what nobody can ask for any more; the record of acts is never touched. */
function sweepLeftovers({ pool, log }: WorkerParts): Sweep {
  const body = async (): Promise<void> => {
    await pruneEvents(pool, keepEventsHours);
    await pruneFactChanges(pool, keepChangesMinutes);
    await pruneAnswers(pool, keepAnswersHours);
    await pruneTelemetry(pool, Math.floor(wallMs() / 1000) - keepTelemetrySeconds, pruneTelemetryRows);
    await pruneTokens(pool, systemClock.now().subtract(keepTokens));
  };
  return loop(body, pruneEveryMs, log, () => undefined);
}

export function engineLog(log: Log): EngineLog {
  const line = (level: "debug" | "info" | "warn" | "error") => (entry: unknown) =>
    log[level](
      { engine: true },
      typeof entry === "string"
        ? entry
        : entry instanceof Error
          ? (entry.stack ?? entry.message)
          : JSON.stringify(entry),
    );
  return { debug: line("debug"), info: line("debug"), warn: line("warn"), error: line("error") };
}
