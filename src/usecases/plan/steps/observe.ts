import type { Watching } from "#core/plan/act-request.ts";
import type { ObserveTraffic } from "#core/plan/act.ts";
import { criteriaIn } from "#core/criteria/criterion.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import type { StepContext } from "#usecases/plan/steps/driver.ts";
import { controlOf, refused, subjectOf } from "#usecases/plan/steps/versions.ts";

/** Nothing changes at the target, so it is dropped when the run turns back. */
export const observe = actDriver<ObserveTraffic>(async (context) => {
  const { minSeconds, maxSeconds, minRequests } = context.action;
  const criteria = await criteriaOf(context);
  if (typeof criteria === "string") return refused(criteria);
  const control = await controlOf(context);
  const watching = { control, minSeconds, maxSeconds, minRequests, ...criteria };
  return { request: { do: "observe", ...subjectOf(context.action), ...watching }, judged: null };
}, "drop");

/** Of the documents that the step names, as they are in force now; or why they cannot be watched. */
async function criteriaOf({
  records,
  action,
}: StepContext<ObserveTraffic>): Promise<Pick<Watching, "criteria" | "zone"> | string> {
  if (action.criteria === undefined) return {};
  const { criteria: declared, environments } = await records.catalog.inForce();
  const missing = action.criteria.filter((name) => !declared.some((one) => one.name === name));
  if (missing.length > 0) return `There are no criteria ${missing.join(", ")} any more; name others in the runbook.`;
  const criteria = criteriaIn(declared.filter(({ name }) => action.criteria?.includes(name)));
  const long = criteria.find(({ windowSeconds }) => windowSeconds > action.maxSeconds);
  if (long !== undefined) {
    return `${long.name} is judged over ${long.windowSeconds} s, and the step watches for ${action.maxSeconds} s at most; give it a longer atMost.`;
  }
  return { criteria, zone: environments.get(action.environment)?.zone ?? "UTC" };
}
