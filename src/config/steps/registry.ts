import { http } from "#config/steps/http.ts";
import { humanTask } from "#config/steps/human-task.ts";
import { record } from "#config/steps/record.ts";
import { rollBack } from "#config/steps/roll-back.ts";
import { soak } from "#config/steps/soak.ts";
import type { StepKind } from "#config/steps/step-kind.ts";
import { subRelease } from "#config/steps/sub-release.ts";
import { waitForWindow } from "#config/steps/wait-for-window.ts";
import { waitUntil } from "#config/steps/wait-until.ts";

/** What a step can do. The set is closed: any other field of a step is refused where it stands. */
export const stepKinds: readonly StepKind[] = [
  waitUntil,
  soak,
  humanTask,
  http,
  subRelease,
  rollBack,
  record,
  waitForWindow,
];
