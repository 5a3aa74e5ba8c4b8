import { canonical, type JsonValue } from "#core/audit/canonical.ts";
import type { Deployer, MetricSource } from "#connectors/port.ts";
import { isIdOf, type BookingId, type DeploymentId } from "#core/id.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import { rules } from "#core/policy/registry.ts";
import { sha256Of, zoneData } from "#runtime/digest.ts";
import { systemClock } from "#runtime/clock.ts";
import { patiently } from "#main/patience.ts";
import { coalesce } from "#runtime/coalesce.ts";
import { newId } from "#runtime/ids.ts";
import { pacer } from "#runtime/pacer.ts";
import { makeDecideApproval } from "#usecases/approval/decide-approval.ts";
import { makeRecordLoadProfiles } from "#usecases/calendar/advise-record.ts";
import { makeAdviseSlots, type Judging } from "#usecases/calendar/advise-slots.ts";
import { makeAskCover } from "#usecases/calendar/cover-ask.ts";
import { makeImportRota, makeSwapShift, makeWithdrawSwap } from "#usecases/calendar/cover-change.ts";
import { makeAcceptSlot, makeProposeSlot, makeReadSlots, makeWithdrawSlot } from "#usecases/calendar/negotiate.ts";
import { checkApart } from "#main/check-configuration.ts";
import { makeApplyConfiguration } from "#usecases/catalog/apply-configuration.ts";
import { metricSourcesOf } from "#usecases/criteria/sources.ts";
import type { CalendarOperations, Operations } from "#usecases/operations.ts";
import { makeAskVerdict, type AskVerdictDeps, type Judge } from "#usecases/policy/ask-verdict.ts";
import { makeOutlineVerdict } from "#usecases/policy/outline-verdict.ts";
import type { DeploymentRecord, Records, Transact } from "#usecases/records.ts";
import type { AdmitDeps, StartRun } from "#usecases/release/admit.ts";
import { makeRegisterArtifact } from "#usecases/release/register-artifact.ts";
import { makeRequestDeployment } from "#usecases/release/request-deployment.ts";
import { makeAbortDeployment } from "#usecases/rollout/abort-deployment.ts";
import { makeDecideHeld, type TellRun } from "#usecases/rollout/decide-held.ts";
import type { RolloutDeps } from "#usecases/rollout/change.ts";
import { makeKeepSights } from "#usecases/rollout/keep-sights.ts";
import { makeRollBackDeployment } from "#usecases/rollout/roll-back-deployment.ts";
import { environmentQueue } from "#workflows/deploy.ts";
import type { FlowStarter } from "#workflows/flow.ts";

export const judging: Judging = { rules, hash: sha256Of, zoneData: zoneData() };

/** The one verdict function of the product, with this process's hash and zone data. */
export const judge: Judge = (facts) => evaluate(rules, facts, { hash: sha256Of, zoneData: zoneData() });

/** `value` is plain data; what JSON would drop or change is refused by the canonical form. */
export function digestOf(value: unknown): string {
  return sha256Of(canonical(toJsonValue(value)));
}

function toJsonValue(value: unknown): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(value));
  return copy;
}

export function admitDeps(now: () => Temporal.Instant, startRun: StartRun): AdmitDeps {
  return {
    now,
    judge,
    digestOf,
    startRun,
    newDeploymentId: () => newId<"DeploymentId">("deployment") satisfies DeploymentId,
    newBookingId: () => newId<"BookingId">("booking") satisfies BookingId,
  };
}

/**
 * A run is named after the verdict that let it through: another go after a postponement is another run. What a pipeline
 * carries out has no run of ours: the store tells the pipeline.
 */
export function startRunWith(starter: FlowStarter<Records>): StartRun {
  return async (records, deployment, verdict) => {
    if (isGateRun(deployment.run)) return deployment.run;
    const id = `${deployment.id}:${verdict}`;
    const place = { queue: environmentQueue, key: deployment.subject.environment };
    await starter.start(records, { workflow: "deploy", id, input: { deployment: deployment.id }, place });
    return id;
  };
}

/** Runs in the place of the run that was lost; one per lost run, however many workers find it. */
export function takeBackWith(
  starter: FlowStarter<Records>,
): (records: Records, deployment: DeploymentRecord) => Promise<string> {
  return async (records, { id, run, subject }) => {
    const next = `${run ?? id}:take-back`;
    const place = { queue: environmentQueue, key: subject.environment };
    await starter.start(records, { workflow: "take-back", id: next, input: { deployment: id }, place });
    return next;
  };
}

/** A person's decision to a run that holds its position; a request that is repeated sends one message. */
export function tellRunWith(starter: FlowStarter<Records>): TellRun {
  return async (records, run, { topic, body }, key) => {
    if (!isGateRun(run)) await starter.send(records, { to: run, topic, body, key });
  };
}

/** True of work that a pipeline carries out: its gate stands where the run would. */
export function isGateRun(run: string | null): run is string {
  return run !== null && isIdOf("gate", run);
}

export function bindOperations(
  transact: Transact,
  admitting: AdmitDeps,
  tellRun: TellRun,
  answerNow: AskVerdictDeps["answerNow"] = () => null,
): Operations {
  const { now } = admitting;
  return {
    requestDeployment: makeRequestDeployment({ ...admitting, transact }),
    abortDeployment: makeAbortDeployment({ now, transact, tellRun }),
    decideHeld: makeDecideHeld({ ...admitting, transact, tellRun }),
    rollBackDeployment: makeRollBackDeployment({ ...admitting, transact }),
    decideApproval: makeDecideApproval({ now, transact, digestOf }),
    askVerdict: makeAskVerdict({ now, transact, judge, answerNow }),
    outlineVerdict: makeOutlineVerdict({ now, transact, judge, rules }),
    registerArtifact: makeRegisterArtifact({ now, transact }),
    applyConfiguration: makeApplyConfiguration({ now, transact, tellRun, check: checkApart(), judge }),
    ...calendarOperations(transact, now),
  };
}

function calendarOperations(transact: Transact, now: () => Temporal.Instant): CalendarOperations {
  const talk = { now, transact, judging, newSlotId: () => newId("slot") };
  const change = { now, transact, newSwapId: () => newId("swap"), newImportId: () => newId("rotaImport") };
  return {
    adviseSlots: makeAdviseSlots({ now, transact, judging }),
    recordLoadProfiles: makeRecordLoadProfiles({ now, transact }),
    readSlots: makeReadSlots(talk),
    proposeSlot: makeProposeSlot(talk),
    acceptSlot: makeAcceptSlot(talk),
    withdrawSlot: makeWithdrawSlot(talk),
    askCover: makeAskCover({ now, transact }),
    importRota: makeImportRota(change),
    swapShift: makeSwapShift(change),
    withdrawSwap: makeWithdrawSwap(change),
  };
}

/** A store that is away, or short of something, is waited out: it says nothing about the version that is under way. */
export function rolloutDeps(
  storeTransact: Transact,
  now: () => Temporal.Instant,
  deployer: Deployer,
  prometheus: MetricSource,
): RolloutDeps {
  const transact = patiently(storeTransact);
  const metrics = { sources: metricSourcesOf(deployer, transact, prometheus), wallNow: systemClock.now };
  return {
    now,
    transact,
    judge,
    digestOf,
    deployer,
    metrics,
    keepSight: coalesce(makeKeepSights(transact), sightBatches),
    pause: pacer(looksPerSecond),
  };
}

/** What is seen while a batch is on its way to the store goes with the next one. */
const sightBatches = { max: 250, concurrency: 2 } as const;
/**
 * Looks that one process makes at most, at all that it watches: with more runs than half of it each is looked at less
 * often than it would like, and what else the process does goes on.
 */
const looksPerSecond = 400;
