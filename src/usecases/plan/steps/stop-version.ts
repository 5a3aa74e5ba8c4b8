import type { StopVersion } from "#core/plan/act.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import { subjectOf } from "#usecases/plan/steps/versions.ts";

/** No rule is asked: the target refuses to stop what has traffic, and what has none serves nobody. */
export const stopVersion = actDriver<StopVersion>(({ action }) =>
  Promise.resolve({ request: { do: "stop-version", ...subjectOf(action) }, judged: null }),
);
