import type { TrafficBack } from "#core/plan/act.ts";
import type { ActRequest, SeenBefore, Shift } from "#core/plan/act-request.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import { refused } from "#usecases/plan/steps/versions.ts";

/** The shares that the target showed before the step asked for others. Where it asked for nothing, nothing is given back. */
export const trafficBack = actDriver<TrafficBack>(async ({ records, run, action }) => {
  const act = await records.acts.find({ run: run.id, part: "forward", name: action.step });
  if (act === null || act.before === null) {
    return { state: "skipped", outcome: `${action.step} changed no shares.` };
  }
  const shares = restoring(act.before);
  const { environment, service } = act;
  if (shares === null) return refused(`${action.step} found ${service} without traffic; nothing can have all of it.`);
  const request: ActRequest = { do: "set-shares", environment, service, ...shares };
  return { request, judged: null };
});

/** Shares of two versions at most, as a version and its control; null: nothing had any. */
export function restoring({ shares }: SeenBefore): Shift | null {
  const [first, second] = Object.entries(shares).toSorted(([, a], [, b]) => b - a);
  if (first === undefined) return null;
  const [version, percent] = first;
  return { version, percent, control: second?.[0] ?? null };
}
