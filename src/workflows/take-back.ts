import type { Records } from "#usecases/records.ts";
import type { RolloutDeps } from "#usecases/rollout/change.ts";
import { changeOfLostRun } from "#usecases/rollout/rescue-lost.ts";
import type { DeployInput } from "#workflows/deploy.ts";
import { endBack } from "#workflows/ending.ts";
import { endForward } from "#workflows/forward.ts";
import { answerBreach } from "#workflows/holding.ts";
import type { Workflow } from "#workflows/flow.ts";

/**
 * Takes back what a run left behind that ended without an outcome (a bug, or an operator who cancelled it in the
 * engine): users end on the former version, verified, or somebody is called. Past the point of no return of its plan whoever
 * decides is asked first. It runs in the place of the run before it,
 * so the environment stays locked until it is done.
 */
export function makeTakeBack(deps: RolloutDeps): Workflow<Records, DeployInput, string> {
  return {
    name: "take-back",
    body: async (flow, { deployment }) => {
      const change = await flow.tx("look", (records) => changeOfLostRun(deps, records, deployment));
      if (change === null) return "ended";
      const breach = { because: "worse", why: "Its run ended without an outcome." } as const;
      const at = { reached: change.reached ?? 0, when: "after its run was lost" };
      const back = await answerBreach(deps, flow, change, breach, at);
      return back === null
        ? await endForward(deps, flow, change, { forward: breach.why, cutOver: null })
        : await endBack(deps, flow, change, back);
    },
  };
}
