import type { ShiftTraffic, SmokeTest, StartVersion, StopVersion, ObserveTraffic } from "#core/plan/act.ts";
import type { StepEnd } from "#usecases/plan/plan-records.ts";
import type { StepContext } from "#usecases/plan/steps/driver.ts";

type Versioned = StartVersion | StopVersion | ShiftTraffic | SmokeTest | ObserveTraffic;

/** Service, version and environment of an action, without the rest of it. */
export function subjectOf({
  service,
  version,
  environment,
}: Versioned): Pick<Versioned, "service" | "version" | "environment"> {
  return { service, version, environment };
}

/** The version that has the traffic which this one does not get; null: nothing else is live there. */
export async function controlOf({
  records,
  action,
}: StepContext<ShiftTraffic | ObserveTraffic>): Promise<string | null> {
  const live = await records.inventory.current(action.service, action.environment);
  return live === null || live.version === action.version ? null : live.version;
}

export function refused(outcome: string): StepEnd {
  return { state: "refused", outcome };
}
