import type { RollBack } from "#core/plan/action.ts";
import { rollBackIn } from "#usecases/rollout/roll-back-deployment.ts";
import { callOf, type StepDriver } from "#usecases/plan/steps/driver.ts";
import { followDeployment, lookLater, missingRight } from "#usecases/plan/steps/follow-deployment.ts";

/** Back to the version before, as a deployment of its own; what was never live needs no way back. */
export const rollBack: StepDriver<RollBack> = {
  begin: async (context) => {
    const { deps, records, run, action } = context;
    const steps = await records.runs.steps(run.id);
    const released = steps.find(({ part, name }) => part === "forward" && name === action.step);
    const { deployment = null } = released ?? {};
    const left = deployment === null ? null : await records.deployments.find(deployment);
    // Its own way back has failed: nobody knows what is live, and nothing here can tell.
    if (left?.state === "needs-human") {
      return {
        state: "failed",
        outcome: `${action.step} needs somebody: ${left.outcome ?? "its way back was not verified"}`,
      };
    }
    if (released?.deployment === undefined || released.deployment === null || released.state !== "done") {
      return { state: "skipped", outcome: `${action.step} left nothing live that could be taken back.` };
    }
    const missing = await missingRight(context, "deployment.roll-back");
    if (missing !== null) return { state: "refused", outcome: missing };
    const reason = `${run.id} turned back: ${run.turned?.reason ?? "a step failed"}`;
    const asked = await rollBackIn(deps, records, { id: released.deployment, reason }, callOf(context));
    if (asked.ok) return { state: "running", lookAt: lookLater(context), deployment: asked.value };
    return { state: "refused", outcome: `Taking ${action.step} back was refused: ${asked.error}.` };
  },
  look: followDeployment,
  // The way back itself is not taken back.
  cancel: followDeployment,
};
