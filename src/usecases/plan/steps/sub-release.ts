import type { SubRelease } from "#core/plan/action.ts";
import { requestIn } from "#usecases/release/request-deployment.ts";
import { callOf, type StepDriver } from "#usecases/plan/steps/driver.ts";
import { cancelDeployment, followDeployment, lookLater, missingRight } from "#usecases/plan/steps/follow-deployment.ts";

/** A deployment like every other: it may wait for its window, be denied, or be taken back. */
export const subRelease: StepDriver<SubRelease> = {
  begin: async (context) => {
    const { deps, records, action } = context;
    const missing = await missingRight(context, "deployment.request");
    if (missing !== null) return { state: "refused", outcome: missing };
    const { service, version, environment } = action;
    const input = { service, version, environment, class: action.class, whenBlocked: "wait" } as const;
    const requested = await requestIn(deps, records, input, callOf(context));
    if (requested.ok) return { state: "running", lookAt: lookLater(context), deployment: requested.value };
    if (requested.error === "already-live") {
      return { state: "skipped", outcome: `${service}@${version} is live in ${environment} already.` };
    }
    return { state: "refused", outcome: `${service}@${version} to ${environment} was refused: ${requested.error}.` };
  },
  look: followDeployment,
  cancel: cancelDeployment,
};
