import type { Deployer } from "#connectors/port.ts";
import { finishLook, lookAtTargets, targetsToLookAt, type Seen } from "#usecases/plan/look-at-targets.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Records } from "#usecases/records.ts";
import type { Flow, Workflow } from "#workflows/flow.ts";

export type LookOutDeps = PlanDeps & { readonly deployer: Deployer };

/** What a checklist has to see at targets, asked by the worker that would act there. It changes nothing. */
export function makeLookOut(deps: LookOutDeps): Workflow<Records, StepKey, string> {
  return {
    name: "look-out",
    body: async (flow, id) => {
      const targets = await flow.tx("prepare", (records) => targetsToLookAt(records, id));
      if (targets === null) return "late";
      const seen = await look(deps, flow, targets);
      return await flow.tx("record", (records) => finishLook(deps, records, id, seen));
    },
  };
}

/** What throws has not been seen; the checklist says so. */
async function look(
  deps: LookOutDeps,
  flow: Flow<Records>,
  targets: Parameters<typeof lookAtTargets>[1],
): Promise<readonly Seen[]> {
  try {
    return await flow.step("look", () => lookAtTargets(deps, targets));
  } catch {
    return [];
  }
}
