import type { ShiftTraffic } from "#core/plan/act.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import { controlOf, refused, subjectOf } from "#usecases/plan/steps/versions.ts";

/** The rest goes to the version that is live on record when the step begins. */
export const shiftTraffic = actDriver<ShiftTraffic>(async (context) => {
  const { action } = context;
  const control = await controlOf(context);
  if (control === null && action.percent !== 100) {
    const outcome = `No other version of ${action.service} is live in ${action.environment}; who would have the rest?`;
    return refused(outcome);
  }
  return {
    request: { do: "set-shares", ...subjectOf(action), control, percent: action.percent },
    judged: { version: action.version, action: "deploy" },
  };
});
