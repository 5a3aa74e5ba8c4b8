import { isTargetAction, type TargetAction } from "#core/plan/act.ts";
import type { StepAction } from "#core/plan/action.ts";
import type { RunStep } from "#usecases/plan/plan-records.ts";
import type { Standing, StepContext, StepDriver } from "#usecases/plan/steps/driver.ts";
import { approve, voidedConsent } from "#usecases/plan/steps/approve.ts";
import { flag, flagBack } from "#usecases/plan/steps/flag.ts";
import { http } from "#usecases/plan/steps/http.ts";
import { humanTask } from "#usecases/plan/steps/human-task.ts";
import { preflight } from "#usecases/plan/steps/preflight.ts";
import { record } from "#usecases/plan/steps/record.ts";
import { rollBack } from "#usecases/plan/steps/roll-back.ts";
import { stayHealthy } from "#usecases/plan/steps/stay-healthy.ts";
import { subRelease } from "#usecases/plan/steps/sub-release.ts";
import { waitForWindow } from "#usecases/plan/steps/wait-for-window.ts";
import { waitUntil } from "#usecases/plan/steps/wait-until.ts";
import { migrateSchema } from "#usecases/plan/steps/migrate-schema.ts";
import { digestData } from "#usecases/plan/steps/digest-data.ts";
import { judgeRehearsal } from "#usecases/plan/steps/judge-rehearsal.ts";
import { turnBack } from "#usecases/plan/steps/turn-back.ts";
import { lock } from "#usecases/plan/steps/lock.ts";
import { notify } from "#usecases/plan/steps/notify.ts";
import { observe } from "#usecases/plan/steps/observe.ts";
import { shell } from "#usecases/plan/steps/shell.ts";
import { shiftTraffic } from "#usecases/plan/steps/shift-traffic.ts";
import { smoke } from "#usecases/plan/steps/smoke.ts";
import { startVersion } from "#usecases/plan/steps/start-version.ts";
import { stopVersion } from "#usecases/plan/steps/stop-version.ts";
import { trafficBack } from "#usecases/plan/steps/traffic-back.ts";

type Drivers = { readonly [Action in StepAction as Action["kind"]]: StepDriver<Action> };

/** One driver for every kind of step: a kind without one does not compile. */
const drivers: Drivers = {
  "wait-until": waitUntil,
  "wait-for-window": waitForWindow,
  approve,
  lock,
  notify,
  preflight,
  "stay-healthy": stayHealthy,
  "human-task": humanTask,
  http,
  "sub-release": subRelease,
  "roll-back": rollBack,
  record,
  shell,
  "start-version": startVersion,
  "stop-version": stopVersion,
  "shift-traffic": shiftTraffic,
  "traffic-back": trafficBack,
  observe,
  smoke,
  "migrate-schema": migrateSchema,
  "digest-data": digestData,
  "turn-back": turnBack,
  "judge-rehearsal": judgeRehearsal,
  flag,
  "flag-back": flagBack,
};

/** Refused when what was approved before it is not what would run now. */
export async function beginStep(context: StepContext): Promise<Standing> {
  const voided = await voidedConsent(context);
  if (voided !== null) return { state: "refused", outcome: voided };
  return await drive(context, (driver, own) => driver.begin(own));
}

export function lookAtStep(context: StepContext, step: RunStep): Promise<Standing> {
  return drive(context, (driver, own) => driver.look(own, step));
}

export function cancelStep(context: StepContext, step: RunStep): Promise<Standing> {
  return drive(context, (driver, own) => driver.cancel(own, step));
}

type Verb = <Action extends StepAction>(driver: StepDriver<Action>, own: StepContext<Action>) => Promise<Standing>;

/** The one place where the kind chooses the driver; the switch is what lets the compiler see that the two fit. */
function drive(context: StepContext, verb: Verb): Promise<Standing> {
  const { action } = context;
  if (isTargetAction(action)) return driveAct({ ...context, action }, verb);
  switch (action.kind) {
    case "wait-until":
      return verb(drivers[action.kind], { ...context, action });
    case "wait-for-window":
      return verb(drivers[action.kind], { ...context, action });
    case "approve":
      return verb(drivers[action.kind], { ...context, action });
    case "lock":
      return verb(drivers[action.kind], { ...context, action });
    case "notify":
      return verb(drivers[action.kind], { ...context, action });
    case "preflight":
      return verb(drivers[action.kind], { ...context, action });
    case "stay-healthy":
      return verb(drivers[action.kind], { ...context, action });
    case "human-task":
      return verb(drivers[action.kind], { ...context, action });
    case "http":
      return verb(drivers[action.kind], { ...context, action });
    case "sub-release":
      return verb(drivers[action.kind], { ...context, action });
    case "roll-back":
      return verb(drivers[action.kind], { ...context, action });
    case "record":
      return verb(drivers[action.kind], { ...context, action });
    case "turn-back":
      return verb(drivers[action.kind], { ...context, action });
    case "judge-rehearsal":
      return verb(drivers[action.kind], { ...context, action });
  }
}

function driveAct(context: StepContext<TargetAction>, verb: Verb): Promise<Standing> {
  const { action } = context;
  switch (action.kind) {
    case "shell":
      return verb(drivers[action.kind], { ...context, action });
    case "start-version":
      return verb(drivers[action.kind], { ...context, action });
    case "stop-version":
      return verb(drivers[action.kind], { ...context, action });
    case "shift-traffic":
      return verb(drivers[action.kind], { ...context, action });
    case "traffic-back":
      return verb(drivers[action.kind], { ...context, action });
    case "observe":
      return verb(drivers[action.kind], { ...context, action });
    case "smoke":
      return verb(drivers[action.kind], { ...context, action });
    case "flag":
      return verb(drivers[action.kind], { ...context, action });
    case "flag-back":
      return verb(drivers[action.kind], { ...context, action });
    case "digest-data":
      return verb(drivers[action.kind], { ...context, action });
    case "migrate-schema":
      return verb(drivers[action.kind], { ...context, action });
  }
}
