import { approve } from "#config/steps/approve.ts";
import { flag } from "#config/steps/flag.ts";
import { http } from "#config/steps/http.ts";
import { humanTask } from "#config/steps/human-task.ts";
import { preflight } from "#config/steps/preflight.ts";
import { record } from "#config/steps/record.ts";
import { rollBack } from "#config/steps/roll-back.ts";
import { soak } from "#config/steps/soak.ts";
import { stayHealthy } from "#config/steps/stay-healthy.ts";
import type { StepKind } from "#config/steps/step-kind.ts";
import { subRelease } from "#config/steps/sub-release.ts";
import { waitForWindow } from "#config/steps/wait-for-window.ts";
import { waitUntil } from "#config/steps/wait-until.ts";
import { migrateSchema } from "#config/steps/migrate-schema.ts";
import { lock } from "#config/steps/lock.ts";
import { notify } from "#config/steps/notify.ts";
import { observe } from "#config/steps/observe.ts";
import { shell } from "#config/steps/shell.ts";
import { shiftTraffic } from "#config/steps/shift-traffic.ts";
import { smoke } from "#config/steps/smoke.ts";
import { startVersion } from "#config/steps/start-version.ts";
import { stopVersion } from "#config/steps/stop-version.ts";
import { trafficBack } from "#config/steps/traffic-back.ts";

/** What a step can do. The set is closed: any other field of a step is refused where it stands. */
export const stepKinds: readonly StepKind[] = [
  stayHealthy,
  waitUntil,
  soak,
  humanTask,
  http,
  subRelease,
  rollBack,
  record,
  waitForWindow,
  shell,
  startVersion,
  stopVersion,
  shiftTraffic,
  trafficBack,
  observe,
  smoke,
  migrateSchema,
  flag,
  approve,
  lock,
  notify,
  preflight,
];
