import type { SmokeTest } from "#core/plan/act.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import { subjectOf } from "#usecases/plan/steps/versions.ts";

/** Nothing changes at the target, so it is dropped when the run turns back. */
export const smoke = actDriver<SmokeTest>(
  ({ action }) => Promise.resolve({ request: { do: "smoke", ...subjectOf(action) }, judged: null }),
  "drop",
);
