import type { ObserveTraffic } from "#core/plan/act.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import { controlOf, subjectOf } from "#usecases/plan/steps/versions.ts";

/** Nothing changes at the target, so it is dropped when the run turns back. */
export const observe = actDriver<ObserveTraffic>(async (context) => {
  const { minSeconds, maxSeconds, minRequests } = context.action;
  const control = await controlOf(context);
  const watching = { control, minSeconds, maxSeconds, minRequests };
  return { request: { do: "observe", ...subjectOf(context.action), ...watching }, judged: null };
}, "drop");
